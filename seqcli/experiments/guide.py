"""What a comparison says about the guide's claims on LSTM and GRU (`A guide that is put to the test`).

Only claims that the run can speak to are listed; each stands beside what the literature found.
"""

from collections.abc import Iterator, Sequence

from seqcli.results.compare import Claim, ClaimVerdict, ModelResult, Pair, RatioPair

LITERATURE = {
    "smaller": "exact for the layer, −25 %; a whole system shrinks less (−3.8 % in translation: Britz 2017)",
    "faster": "depends on the kernel that runs it",
    "memory": "follows the state and activation counts",
    "similar": "task-dependent (Chung 2014, Jozefowicz 2015, Greff 2017)",
}


def signed(value: float) -> str:
    """One decimal with its sign, the minus a real one."""
    return f"{value:+.1f}".replace("-", "−")


def check_guide(models: Sequence[ModelResult], pairs: Sequence[Pair]) -> list[Claim]:
    """The claims that this run can speak to: those about one LSTM and one GRU of the same width."""
    lstms = [model for model in models if model.name == "lstm"]
    grus = [model for model in models if model.name == "gru"]
    if len(lstms) != 1 or len(grus) != 1:
        return []
    lstm, gru = lstms[0], grus[0]
    pair = next((pair for pair in pairs if {pair.a, pair.b} == {lstm.label, gru.label}), None)
    return [*_size(lstm, gru), *(_measured(pair, gru) if pair else ())]


def _size(lstm: ModelResult, gru: ModelResult) -> Iterator[Claim]:
    if not (lstm.parameters.recurrent and gru.parameters.recurrent):
        return
    share = gru.parameters.recurrent / lstm.parameters.recurrent - 1
    whole = gru.parameters.total / lstm.parameters.total - 1
    smaller = gru.gates < lstm.gates and share < 0
    yield Claim(
        claim="GRU has fewer gates and is smaller",
        kind="exact",
        verdict="supported" if smaller else "refuted",
        evidence=(
            f"{gru.gates} gates against {lstm.gates};"
            f" {signed(100 * share)} % recurrent parameters, {signed(100 * whole)} % in all"
        ),
        prior=LITERATURE["smaller"],
    )


def _measured(pair: Pair, gru: ModelResult) -> Iterator[Claim]:
    flipped = pair.a != gru.label
    if pair.train_speed is not None:
        yield _cost_claim("GRU trains faster", "faster", pair.train_speed, flipped=flipped, more=True)
    if pair.memory is not None:
        yield _cost_claim("GRU needs less memory", "memory", pair.memory, flipped=flipped, more=False)
    yield _similar(pair)


def _cost_claim(claim: str, key: str, pair: RatioPair, *, flipped: bool, more: bool) -> Claim:
    """A claim that GRU is ahead on a cost; `more` when a greater ratio is ahead."""
    ratio = 1 / pair.ratio if flipped else pair.ratio
    ahead = (ratio > 1) == more
    verdicts: dict[str, ClaimVerdict] = {"equivalent": "equivalent", "undecided": "undecided"}
    verdict = verdicts.get(pair.verdict, "supported" if ahead else "refuted")
    evidence = f"{ratio:.2f} × LSTM's"
    if pair.same_path_ratio is not None:
        same = 1 / pair.same_path_ratio if flipped else pair.same_path_ratio
        evidence += f"; {same:.2f} × on the same kernel path"
        if verdict in ("supported", "refuted") and (same > 1) != (ratio > 1):
            verdict = "depends"
    return Claim(claim=claim, kind="better", verdict=verdict, evidence=evidence, prior=LITERATURE[key])


def _similar(pair: Pair) -> Claim:
    quality = pair.quality
    verdicts: dict[str, ClaimVerdict] = {"equivalent": "supported", "undecided": "undecided"}
    interval = quality.ci95
    evidence = "not measured" if quality.difference is None else f"{signed(100 * quality.difference)} points"
    if quality.solved is not None:
        evidence = f"{quality.solved.a} of {quality.solved.seeds} seeds solved against {quality.solved.b}"
    if interval is not None:
        evidence += f" [{signed(100 * interval[0])}, {signed(100 * interval[1])}]"
    return Claim(
        claim="accuracy is similar" if quality.solved is None else "both solve the task in as many seeds",
        kind="similar",
        verdict=verdicts.get(quality.verdict, "refuted"),
        evidence=f"{pair.a.upper()} − {pair.b.upper()}: {evidence}",
        prior=LITERATURE["similar"],
    )
