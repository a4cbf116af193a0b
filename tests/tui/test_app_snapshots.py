"""The picker, a lesson and the help at three sizes, and the fixture that compares them."""

import pytest
from test_app_flow import cliff_lesson

from tests.tui.driving import SIZES, press, settle
from tui.app import RltopApp
from tui.drawing.cells import Cells


@pytest.fixture(autouse=True)
def runs(home, monkeypatch):
    monkeypatch.setenv("RLTOP_RUNS", "/home/learner/runs")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "{}x{}".format(*size))
async def test_picker(check_snapshot, size):
    app = RltopApp()
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        check_snapshot(app, "picker-{}x{}".format(*size))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "{}x{}".format(*size))
async def test_lesson(check_snapshot, size):
    app = cliff_lesson()
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, *"....")
        check_snapshot(app, "lesson-{}x{}".format(*size))


def test_another_drawing_is_noticed(check_snapshot, request):
    if request.config.getoption("--update-snapshots"):
        pytest.skip("nothing is compared")
    with pytest.raises(pytest.fail.Exception, match="picker-80x24 looks different"):
        check_snapshot(Cells(80, 24), "picker-80x24")
    with pytest.raises(AssertionError, match="--update-snapshots"):
        check_snapshot(Cells(80, 24), "no such screen")
