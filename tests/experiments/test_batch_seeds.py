"""`compare --batch-seeds`: which seeds are trained together, and what cannot be."""

import pytest
from pydantic import ValidationError

from seqcli.errors import UsageError
from seqcli.experiments.compare.leg_runner import LegRunner
from seqcli.experiments.compare.plan import plan
from seqcli.experiments.compare.store import Store
from seqcli.experiments.compare.study import ComparisonStudy
from seqcli.experiments.config import CompareConfig
from seqcli.launch.job import Failed


@pytest.fixture
def planned(reviews):
    """A function that plans a comparison on the small reviews."""

    def make(*models, **settings):
        config = CompareConfig(models=models, data=str(reviews), **{"batch_seeds": True, **settings})
        return plan(config)

    return make


def test_all_seeds_of_a_fixed_number_are_one_batch_of_each_model(planned, tmp_path):
    of = planned("gru", "lstm", seeds=3)
    assert {leg.leg.batched for leg in of.legs} == {(0, 1, 2)}
    runner = LegRunner(of, Store(tmp_path, of.device), lambda: False)
    jobs = runner.jobs({leg.name: leg for leg in of.legs})
    assert [(job.kind, job.arguments["names"]) for job in jobs] == [
        ("leg-batch", ["gru seed 0", "gru seed 1", "gru seed 2"]),
        ("leg-batch", ["lstm seed 0", "lstm seed 1", "lstm seed 2"]),
    ]
    result = runner.of_each_leg(Failed(jobs[0], 7, "out of memory"))
    assert [failed.job.name for failed in result] == ["gru seed 0", "gru seed 1", "gru seed 2"]


def test_seeds_auto_batches_what_each_look_adds(planned):
    groups = [leg.leg.batched for leg in planned("gru", seeds="auto").legs]
    assert list(dict.fromkeys(groups)) == [tuple(range(5)), tuple(range(5, 10)), tuple(range(10, 20))]


def test_a_comparison_names_it_only_where_it_is_asked_for(planned):
    for asked in (True, False):
        of = planned("gru", seeds=2, batch_seeds=asked)
        assert ("batch_seeds" in ComparisonStudy(of.config, (of,)).kept_config) is asked
        assert all(bool(leg.leg.batched) is asked for leg in of.legs)


def test_a_model_without_one_recurrence_is_refused(planned):
    with pytest.raises(UsageError, match="bag is of another architecture"):
        planned("gru", "bag")


def test_a_task_without_classes_of_whole_sequences_is_refused():
    with pytest.raises(UsageError, match="a task of kind regress"):
        plan(CompareConfig(models=("gru",), task="adding", batch_seeds=True))


@pytest.mark.parametrize(("name", "value"), [("folds", 5), ("store", "shared"), ("on", "ray")])
def test_what_gives_seeds_other_data_or_other_machines_is_refused(name, value):
    with pytest.raises(ValidationError, match="batch_seeds"):
        CompareConfig(models=("gru",), task="spam", batch_seeds=True, **{name: value})
