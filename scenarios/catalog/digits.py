"""Handwritten digits: what a network is, before it learns from rewards."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from scenarios.catalog.scenario import DataScenario, Solved
from scenarios.worlds.images import HeldOut, Images, images_in, shipped_digits


@dataclass(frozen=True)
class DigitsSettings:
    folder: str | None = None
    """A folder with the four files of MNIST, compressed (.gz) or not; none for the 8x8 digits that come with rltop."""
    held_out: HeldOut = "tens"
    """Which of the 8x8 digits are not learnt from: every fifth ten, or the last 360, which are harder."""

    def __post_init__(self) -> None:
        if self.folder is None:
            return
        if not self.folder.isprintable() or not self.folder:
            raise ValueError(f"folder must name a folder, got {self.folder[:100]!r}")
        # a run may go on in another working directory
        object.__setattr__(self, "folder", os.path.abspath(os.path.expanduser(self.folder)))


def load(settings: DigitsSettings) -> Images:
    """The digits that come with rltop, or those of a folder; raises WorldError when these cannot be used."""
    return shipped_digits(settings.held_out) if settings.folder is None else images_in(Path(settings.folder))


def solved(settings: DigitsSettings) -> Solved:
    """What a multilayer perceptron of two hidden layers can do on either."""
    return Solved(
        "The network names 98 % of the held-out images rightly.",
        "LeCun, Bottou, Bengio and Haffner (1998), figure 9: networks of this size err on 2 to 3 % of MNIST",
        0.98,
    )


SCENARIO = DataScenario(
    name="digits",
    title="Handwritten digits",
    summary="Tell which digit an image of 8x8 pixels shows, from 1,440 examples with their answers.",
    teaches=(
        "What a network is, before it has to learn from rewards. It is told the right answer for every image, so the "
        "loss is plain: minus the logarithm of the probability it gave to that answer. The gradient says how every "
        "weight changes the loss, and AdamW takes a small step against it, minibatch after minibatch. What counts is "
        "not what it knows by heart but the images it has never seen; so every image is moved, turned and slanted a "
        "little before it is shown, and never shown twice alike."
    ),
    look_for=(
        "The accuracy while learning against the accuracy on held-out images. Here the second is the higher one, "
        "because held-out images are not distorted. Switch that off (--set shift=0 --set slant=0): then the first "
        "gets to 100 % and the second stays behind; the network has learnt by heart."
    ),
    solved=solved,
    world=DigitsSettings,
    load=load,
    algorithms=("classification",),
    default_algorithm="classification",
    episodes=60,
)
