"""An actor and a critic: two networks that share nothing but their optimiser. B rows, O observed, A actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algorithms.contract import Floats32, Thoughts
from algorithms.networks import Inference, hidden_sizes
from engine.checks import load_arrays
from engine.distributions import Categorical, DiagonalGaussian
from engine.initialisers import orthogonal
from engine.layers import mlp
from engine.parameters import ParameterVector
from engine.tensor import Tensor


class ActorCritic:
    """A stochastic policy π(a|s) and a value V(s), each an MLP with tanh; all parameters in one vector `theta`.

    Discrete actions are drawn from softmax(actor(s)), continuous ones from a normal distribution around actor(s)
    whose log standard deviation is a parameter of its own and the same everywhere.

    Huang et al., "The 37 Implementation Details of Proximal Policy Optimization" (2022): orthogonal initialisation,
    a first policy near uniform, separate networks, a state-independent deviation.
    """

    def __init__(
        self, observation_size: int, actions: int, continuous: bool, hidden: str, rng: np.random.Generator
    ) -> None:
        self.observation_size, self.actions, self.continuous, self.hidden = (
            observation_size,
            actions,
            continuous,
            hidden,
        )
        sizes = (observation_size, *hidden_sizes(hidden))
        self.actor = mlp((*sizes, actions), rng, "tanh", initialise_last=orthogonal(0.01))
        self.critic = mlp((*sizes, 1), rng, "tanh", initialise_last=orthogonal(1.0))
        self.log_std = Tensor(np.zeros(actions, np.float32), requires_grad=True)  # [A], of continuous actions
        self._parameters = {
            **{f"actor.{name}": parameter for name, parameter in self.actor.named_parameters().items()},
            **({"log_std": self.log_std} if continuous else {}),
            **{f"critic.{name}": parameter for name, parameter in self.critic.named_parameters().items()},
        }
        self.theta = ParameterVector(self._parameters.values())

    def pi(self, outputs: Tensor) -> Categorical | DiagonalGaussian:
        """The distribution of actions that outputs of the actor mean. [B, A]"""
        return DiagonalGaussian(outputs, self.log_std) if self.continuous else Categorical(outputs)

    def noise(self, rngs: Sequence[np.random.Generator], steps: int) -> Floats32:
        """The chance in so many actions of n environments, from a generator each. [T, n, A]"""
        drawn = np.empty((len(rngs), steps, self.actions), np.float32)
        for rng, own in zip(rngs, drawn, strict=True):
            draw = rng.standard_normal if self.continuous else rng.standard_exponential
            draw(dtype=np.float32, out=own)
        if not self.continuous:  # minus the logarithm of an exponential variable is a Gumbel variable
            np.maximum(drawn, np.finfo(np.float32).tiny, out=drawn)
            np.negative(np.log(drawn, out=drawn), out=drawn)
        return np.ascontiguousarray(drawn.swapaxes(0, 1))

    def sample(self, outputs: Floats32, noise: Floats32) -> NDArray[Any]:
        """Actions from outputs of the actor and noise, both [B, A]: [B] or, continuous, [B, A].

        The greatest of logits with Gumbel noise is a draw from their softmax (Gumbel, 1954; "Gumbel-max trick").
        """
        if self.continuous:
            std: Floats32 = np.exp(self.log_std.data)
            return outputs + std * noise
        actions: NDArray[np.intp] = (outputs + noise).argmax(axis=1)
        return actions

    def mode(self, outputs: Floats32) -> NDArray[Any]:
        """The most probable actions: [B] or, continuous, [B, A]."""
        return outputs.copy() if self.continuous else outputs.argmax(axis=1)

    def thoughts(self, obs: Floats32) -> Thoughts:
        """What the actor would do and what the critic expects. [N, O]"""
        outputs, v = (Inference(part, len(obs))(obs) for part in (self.actor, self.critic))  # [N, A], [N, 1]
        if self.continuous:
            return Thoughts("mean", outputs, v[:, 0], np.exp(self.log_std.data))
        return Thoughts("probability", Categorical(Tensor(outputs)).probabilities, v[:, 0])

    def weights(self) -> dict[str, Floats32]:
        """The parameters by name: the arrays themselves."""
        return {name: parameter.data for name, parameter in self._parameters.items()}

    def state(self) -> dict[str, Floats32]:
        """A copy of every parameter by name."""
        return {name: array.copy() for name, array in self.weights().items()}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Take over what `state` gave; ValueError when names, shapes or dtypes differ or a value is not finite."""
        load_arrays(self.weights(), state)
