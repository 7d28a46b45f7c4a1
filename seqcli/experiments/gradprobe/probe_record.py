"""One model's record: all figures of one system over its seeds."""

from collections.abc import Sequence
from dataclasses import dataclass

from seqcli.experiments.gradprobe import summary
from seqcli.models.config import ModelConfig
from seqcli.probes.probe import Findings
from seqcli.results.gradprobe import Clipping, LagCurve, ModelProbe, Variant


@dataclass(frozen=True)
class ProbeRecord:
    """The findings of one system.

    Args:
        label: What it is called.
        model: Its settings.
        findings: What it showed, seed by seed.
        clip: What clipping would do, if it was asked.
        cures: What would help, if that was probed.
    """

    label: str
    model: ModelConfig
    findings: Sequence[Findings]
    clip: Clipping | None
    cures: Sequence[Variant]


def model_probe(record: ProbeRecord, task_lag: int | None) -> ModelProbe:
    """The record of one system."""
    findings, first = record.findings, record.findings[0]
    jacobian = summary.curve([seed.state_jacobian for seed in findings])
    slopes = summary.rates(findings)
    horizon = task_lag or summary.HORIZON
    short = summary.too_short(findings)
    halves = None if short else summary.half_life(slopes)
    doubles = None if short else summary.doubling_time(slopes)
    verdict = summary.fate(findings, horizon)
    return ModelProbe(
        name=record.model.model,
        label=record.label,
        settings=shown_settings(record.model),
        lags=first.lags,
        log10_state_jacobian=jacobian,
        log10_by_state={
            name: summary.curve([seed.by_state[name] for seed in findings]) for name in first.by_state
        },
        log10_direct_path=_optional([seed.direct_path for seed in findings]),
        log10_loss_gradient=_optional([seed.loss_gradient for seed in findings]),
        rate=summary.figure(slopes),
        half_life=halves,
        doubling_time=doubles,
        memory_length=summary.memory(findings),
        lyapunov=summary.spectrum(findings),
        float32_underflow_lag=summary.underflow(first.lags, jacobian),
        float32_overflow_lag=summary.overflow(first.lags, jacobian),
        gates=summary.gates(findings),
        spectral_radius=summary.radii(findings),
        probe_vectors=first.probe_vectors,
        clip=record.clip,
        task_lag=None if task_lag is None else summary.task_lag(findings, task_lag),
        verdict=verdict,
        horizon=horizon,
        cures=list(record.cures),
    )


def _optional(seeds: Sequence[list[float] | None]) -> LagCurve | None:
    known = [seed for seed in seeds if seed is not None]
    return summary.curve(known) if known else None


def shown_settings(config: ModelConfig) -> dict[str, object]:
    """The settings that decide the recurrence, without those that this model does not use."""
    settings: dict[str, object] = {
        "hidden": config.hidden,
        "layers": config.layers,
        "bidirectional": config.bidirectional,
        "init": config.init,
    }
    used = {
        "activation": config.activation is not None,
        "gain": config.gain != 1.0,
        "forget_bias": config.forget_bias is not None,
        "chrono_length": config.init == "chrono",
    }
    return settings | {name: getattr(config, name) for name, is_used in used.items() if is_used}
