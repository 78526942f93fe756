"""Panel models: what changes in a state's speeches when its status changes?

Tables have one row per speech. The models have a fixed effect for each state and each year, so
they measure how a state changes relative to other states. Only a few states change their status,
which makes the usual standard errors too small. Therefore there are two other tests, one that draws
states with replacement (:func:`draw_states`), and one that gives the status to states at random
(:func:`assign_standing`).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from tifa.stats.bootstrap import SEED
from tifa.stats.check import Floats
from tifa.util.errors import TifaError

Model = Literal["poisson", "ols", "log ols", "negative binomial"]
Length = Literal["covariate", "offset", "left out"]

#: Only states that spoke in at least this share of the years can be assigned a status at random.
SPOKE = 0.75


def speech_panel(
    documents: pd.DataFrame,
    hits: pd.DataFrame,
    entries: Iterable[str],
    *,
    since: pd.Series[Any] | None = None,
) -> pd.DataFrame:
    """Count in each speech the hits of the given entries.

    ``documents`` has ``doc_id``, ``country``, ``year`` and ``words``; ``hits`` has ``doc_id`` and
    ``entry``. If ``since`` is given, it has the first year in which each entry is counted (for
    example the year in which a speaker first used it); entries that it lacks are never counted.
    Returns ``documents`` with the columns ``different`` (number of distinct entries) and ``places``
    (number of hits) added.

    >>> speeches = pd.DataFrame({"doc_id": ["a", "b"], "country": ["X", "Y"], "year": 2001,
    ...     "words": 900})
    >>> hits = pd.DataFrame({"doc_id": ["a", "a", "a"], "entry": ["win", "win", "peace"]})
    >>> speech_panel(speeches, hits, ["win"])[["different", "places"]].values.tolist()
    [[1, 2], [0, 0]]
    """
    own = hits.loc[hits["entry"].isin(set(entries)), ["doc_id", "entry"]]
    if since is not None:
        years = documents.set_index("doc_id")["year"]
        own = own[own["doc_id"].map(years) >= own["entry"].map(since)]
    counted = own.groupby("doc_id")["entry"].agg(different="nunique", places="size")
    counted = counted.reindex(documents["doc_id"], fill_value=0)
    return documents.reset_index(drop=True).assign(
        different=counted["different"].to_numpy(), places=counted["places"].to_numpy()
    )


# --- models -------------------------------------------------------------------------------


def fit(
    panel: pd.DataFrame,
    terms: Sequence[str],
    *,
    outcome: str = "different",
    model: Model = "poisson",
    length: Length = "covariate",
    lines: bool = False,
    apart: str | None = None,
    weights: str | None = None,
) -> pd.DataFrame:
    """Fit a panel model with fixed effects for states and years.

    ``panel`` has one row per speech: ``country``, ``year``, ``words``, the ``outcome`` (a count)
    and the ``terms`` whose effects are estimated (0 or 1: the status of the state in that year).
    ``model`` is "poisson"; "ols" on the count; "log ols" on log(1 + count); or "negative binomial"
    (NB2, with the dispersion estimated by moments from the Poisson model). ``length`` says how the
    model uses the length of a speech: the logarithm of its words is a "covariate", or an "offset"
    (a speech with twice the words is expected to have twice the count), or it is "left out". With
    ``lines`` each state also gets a linear trend over the years (on the scale of the model).
    ``apart`` is a column with groups of states, which get separate year effects; ``weights`` is a
    column with the weight of each row, such as 2 for a state that was drawn twice.

    Returns one row per term: ``term``, ``estimate``, ``ratio``, ``low`` and ``high``. The estimate
    is the logarithm of the ratio; for "ols" it is a difference in counts, and the ratio is the mean
    count where the term is 1, divided by that mean minus the estimate. The limits are 95 % limits
    of the ratio, from standard errors clustered by state; they are missing with ``weights``.

    Raises TifaError if a term does not vary after the fixed effects (this is not checked for the
    negative binomial model); if, for a model other than "ols", the states that the terms mark have
    a count of 0 in all other years, so that the ratio is undefined; and if the negative binomial
    model is combined with ``lines``, ``apart`` or ``weights``, or an offset with least squares.

    Cameron & Trivedi (2013), Regression Analysis of Count Data, 2nd edition, chapter 9; the
    negative binomial model is fitted with statsmodels, the others with pyfixest.

    >>> rows = pd.DataFrame([(c, y) for c in "ABCD" for y in range(4)], columns=["country", "year"])
    >>> rows["member"] = ((rows["country"] == "A") & (rows["year"] > 1)).astype(int)
    >>> rows["words"], rows["different"] = 1000, 2 + 2 * rows["member"]
    >>> fit(rows, ["member"], length="left out")["ratio"].round(6).tolist()
    [2.0]
    """
    data = panel.assign(log_words=np.log(panel["words"]))
    marked = (data[list(terms)] != 0).any(axis=1)
    before = data["country"].isin(set(data.loc[marked, "country"])) & ~marked
    if model != "ols" and not data.loc[before, outcome].any():
        raise TifaError(f"{terms[0]!r}: the states it marks have {outcome!r} 0 in all other years")
    if model == "negative binomial":
        if lines or apart is not None or weights is not None:
            raise TifaError("the negative binomial model has constants of states and years only")
        table = _negative_binomial(data, terms, outcome, length)
    else:
        table = _pyfixest(data, terms, outcome, model, length, lines, apart, weights)
    table.insert(1, "ratio", table["estimate"])
    for column in ("ratio", "low", "high"):
        if model == "ols":
            table[column] = [_mean_ratio(data, t, outcome, e) for t, e in table[column].items()]
        else:
            table[column] = np.exp(table[column])
    return table.rename_axis("term").reset_index()


def ratio(panel: pd.DataFrame, terms: Sequence[str], **options: Any) -> tuple[float, float, float]:
    """Return the ratio of the last term from :func:`fit`, and its limits."""
    row = fit(panel, terms, **options).iloc[-1]
    return float(row["ratio"]), float(row["low"]), float(row["high"])


def estimates(panel: pd.DataFrame, terms: Sequence[str], **options: Any) -> Floats:
    """Return the estimates of :func:`fit`, or nan for all terms if the model cannot be fitted."""
    try:
        return fit(panel, terms, **options)["estimate"].to_numpy()
    except TifaError:
        return np.full(len(terms), np.nan)


def _pyfixest(
    data: pd.DataFrame,
    terms: Sequence[str],
    outcome: str,
    model: str,
    length: str,
    lines: bool,
    apart: str | None,
    weights: str | None,
) -> pd.DataFrame:
    import pyfixest  # noqa: PLC0415 - slow to load

    right = [*terms, "log_words"] if length == "covariate" else list(terms)
    left = "log_count" if model == "log ols" else outcome
    # do not write interactions into the formula: pyfixest would read country[year] as indexing
    period = data["year"] if apart is None else data.groupby(["year", apart]).ngroup()
    data = data.assign(log_count=np.log1p(data[outcome]), period=period)
    if lines:
        middle = data["year"] - data["year"].mean()
        sloped = pd.get_dummies(data["country"], prefix="line", drop_first=True).mul(middle, axis=0)
        right += [str(c) for c in sloped]
        data = pd.concat([data, sloped], axis=1)
    if length == "offset" and model != "poisson":
        raise TifaError("an offset needs a model of a rate: use model='poisson'")
    options: dict[str, Any] = {
        "vcov": {"CRV1": "country"} if weights is None else "iid",
        "store_data": False,
        "copy_data": False,
    }
    if weights is not None:
        options["weights"] = weights
    if length == "offset":
        options["offset"] = "log_words"
    if model == "poisson":
        # drop states and years without a hit, which say nothing about a change; pyfixest would drop
        # them too, but would spend a third of its time on finding them
        for effect in ("country", "period"):
            data = data[data.groupby(effect)[outcome].transform("sum") > 0]
        options["separation_check"] = []
    estimator = pyfixest.fepois if model == "poisson" else pyfixest.feols
    with warnings.catch_warnings():
        # pyfixest 0.60 uses pandas calls that are deprecated for pandas 4
        warnings.simplefilter("ignore", pd.errors.Pandas4Warning)
        # silence two warnings: about singletons (states with one speech, which say nothing about a
        # change), and about collinear terms that are dropped (``lost`` below finds them)
        warnings.filterwarnings("ignore", message="(?s).*(singleton|collinear).*")
        fitted = estimator(f"{left} ~ {' + '.join(right)} | country + period", data=data, **options)
    found = fitted.coef()
    lost = [t for t in terms if t not in found.index]
    if lost:
        raise TifaError(f"{lost[0]!r} does not vary after the fixed effects of states and years")
    table = pd.DataFrame({"estimate": found.loc[list(terms)]})
    if weights is not None:
        return table.assign(low=np.nan, high=np.nan)
    limits = fitted.confint().loc[list(terms)]
    return table.assign(low=limits.iloc[:, 0], high=limits.iloc[:, 1])


def _negative_binomial(
    data: pd.DataFrame, terms: Sequence[str], outcome: str, length: str
) -> pd.DataFrame:
    import statsmodels.api as sm  # noqa: PLC0415 - slow to load

    constants = [
        pd.get_dummies(data["country"], dtype=float),
        pd.get_dummies(data["year"], dtype=float, drop_first=True),
    ]
    covariate = ["log_words"] if length == "covariate" else []
    x = pd.concat([data[[*terms, *covariate]].astype(float), *constants], axis=1).to_numpy()
    y = data[outcome].to_numpy(dtype=float)
    offset = data["log_words"].to_numpy() if length == "offset" else None
    mean = sm.GLM(y, x, family=sm.families.Poisson(), offset=offset).fit().mu
    # the variance is mean + alpha * mean**2; alpha is estimated by a ratio of sums, in which large
    # means have more weight than in an average of the ratios ((y - mean)**2 - mean) / mean**2
    alpha = max(1e-8, float(((y - mean) ** 2 - mean).sum() / (mean**2).sum()))
    family = sm.families.NegativeBinomial(alpha=alpha)
    groups = pd.factorize(data["country"])[0]
    fitted = sm.GLM(y, x, family=family, offset=offset).fit(
        cov_type="cluster", cov_kwds={"groups": groups}
    )
    limits = fitted.conf_int()
    size = len(terms)
    return pd.DataFrame(
        {"estimate": fitted.params[:size], "low": limits[:size, 0], "high": limits[:size, 1]},
        index=list(terms),
    )


def _mean_ratio(data: pd.DataFrame, term: Any, outcome: str, estimate: float) -> float:
    mean = float(data.loc[data[str(term)] == 1, outcome].mean())
    return mean / (mean - estimate) if mean > estimate else np.nan


def by_cohort(panel: pd.DataFrame, term: str, **options: Any) -> float:
    """Estimate the effect of joining in each cohort separately, and return the average log ratio.

    A cohort consists of the states that join in the same year. It is compared only with states that
    never join. A single model with state and year effects would also compare late entrants with
    early ones; this comparison misleads if the effect grows with time (Goodman-Bacon 2021, Journal
    of Econometrics 225(2), 254-277).

    ``panel`` and options are those of :func:`fit`; the panel needs one more column, ``never``:
    whether a cohort may be compared with this state. Cohorts are weighted by their number of
    states; those without a speech outside the status are left out. Raises TifaError for the model
    "ols", if no cohort is left, and in the cases of :func:`fit`.
    """
    if options.get("model") == "ols":
        raise TifaError("least squares on the count gives no log ratio to average")
    entered = panel[panel[term] == 1].groupby("country")["year"].min()
    total = weight = 0.0
    for _, states in entered.groupby(entered):
        inside = panel["country"].isin(states.index)
        if panel.loc[inside, term].nunique() < 2:
            continue
        part = panel[inside | panel["never"]]
        total += len(states) * float(fit(part, [term], **options)["estimate"].iloc[0])
        weight += len(states)
    if not weight:
        raise TifaError(f"no state enters {term!r} within the years of the panel")
    return total / weight


# --- inference ----------------------------------------------------------------------------


def draw_states(
    panel: pd.DataFrame, terms: Sequence[str], *, draws: int = 999, seed: int = SEED, **options: Any
) -> Floats:
    """Draw states with replacement, each with all its years, and fit the model to each draw.

    States that ever have the status are drawn separately from the others, because otherwise some
    draws would contain no such state. Options are those of :func:`fit`. Returns estimates: one row
    per draw, one column per term; missing if the model cannot be fitted to a draw.
    """
    generator = np.random.default_rng(seed)
    states, state = np.unique(panel["country"].to_numpy(dtype=str), return_inverse=True)
    marked = panel[list(terms)].to_numpy().any(axis=1)
    ever = np.bincount(state, weights=marked, minlength=len(states)) > 0
    found = np.full((draws, len(terms)), np.nan)
    for row in range(draws):
        times = np.zeros(len(states))
        for group in (ever, ~ever):
            size = int(group.sum())
            times[group] = generator.multinomial(size, np.full(size, 1 / size)) if size else 0
        weight = times[state]
        drawn = panel.assign(drawn=weight)[weight > 0]
        found[row] = estimates(drawn, terms, weights="drawn", **options)
    return found


def assign_standing(
    panel: pd.DataFrame, terms: Sequence[str], *, draws: int = 999, seed: int = SEED, **options: Any
) -> Floats:
    """Give the status to random states instead of the real ones, and fit the model each time.

    For each state that ever has the status, a random state receives it in the same years. States
    that really have the status can be drawn too; a state can be drawn if it spoke in at least the
    share :data:`SPOKE` of the years. Options are those of :func:`fit`. Returns estimates: one row
    per assignment, one column per term; missing if the model cannot be fitted. Raises TifaError if
    too few states can be drawn.

    After Fisher (1935), The Design of Experiments, chapter 2; for states and years, Abadie, Diamond
    & Hainmueller (2010), Journal of the American Statistical Association 105(490), 493-505.
    """
    generator = np.random.default_rng(seed)
    states, state = np.unique(panel["country"].to_numpy(dtype=str), return_inverse=True)
    years, when = np.unique(panel["year"].to_numpy(), return_inverse=True)
    histories = np.zeros((len(terms), len(states), len(years)))
    for row, term in enumerate(terms):
        # ffill: in a year without a speech, a state has the status of the year before
        wide = panel.pivot_table(index="country", columns="year", values=term, aggfunc="max")
        histories[row] = wide.reindex(index=states, columns=years).ffill(axis=1).fillna(0)
    entering = np.flatnonzero(histories.any(axis=(0, 2)))
    given = panel.groupby("country")["year"].nunique().reindex(states).to_numpy()
    pool = np.flatnonzero(given >= SPOKE * len(years))
    if len(pool) <= len(entering):
        raise TifaError(f"{len(entering)} states have a standing and only {len(pool)} can be drawn")
    found = np.full((draws, len(terms)), np.nan)
    for row in range(draws):
        chosen = generator.choice(pool, size=len(entering), replace=False)
        moved = np.zeros_like(histories)
        moved[:, chosen] = histories[:, entering]
        columns = dict(zip(terms, moved[:, state, when], strict=True))
        found[row] = estimates(panel.assign(**columns), terms, **options)
    return found


def at_least(estimate: float, assigned: Floats) -> float:
    """Return the one-sided p-value: the share of assignments whose estimate is at least as large.

    ``assigned`` has the estimates of random assignments; missing ones are left out. The real
    assignment, with its ``estimate``, counts as one more. Davison & Hinkley (1997), Bootstrap
    Methods and their Application, p. 141.

    >>> at_least(3.0, np.array([1.0, 2.0, 4.0]))
    0.5
    """
    defined = assigned[~np.isnan(assigned)]
    return float((1 + (defined >= estimate).sum()) / (1 + len(defined)))


# --- event time ---------------------------------------------------------------------------


def blocks(
    panel: pd.DataFrame, states: Iterable[str], *, size: int = 3, reference: tuple[int, int]
) -> tuple[pd.DataFrame, list[str]]:
    """Divide the years of some states into blocks, and add a column of 0 and 1 for each block.

    A block has ``size`` years. The ``reference`` years (first and last) are in no block, so that
    the effects of all blocks are relative to them. The blocks after these years are counted forward
    from them, and the blocks before them are counted backward. If the panel has a column ``when``
    (such as years since an event), it is used instead of ``year``. Returns the panel with the
    columns added, and the names of these columns in order ("block_2001" begins in 2001).

    >>> rows = pd.DataFrame({"country": list("AAAAB"), "year": [2000, 2001, 2002, 2003, 2001]})
    >>> marked, names = blocks(rows, ["A"], size=2, reference=(2000, 2000))
    >>> names, marked[names].values.tolist()
    (['block_2001', 'block_2003'], [[0, 0], [1, 0], [1, 0], [0, 1], [0, 0]])
    """
    first, last = reference
    when = panel["when"] if "when" in panel else panel["year"]
    inside = panel["country"].isin(set(states)) & when.notna()
    begin = np.where(
        when > last,
        last + 1 + (when - last - 1) // size * size,
        first - ((first - 1 - when) // size + 1) * size,
    )
    begin = np.where((when >= first) & (when <= last) | ~inside, np.nan, begin)
    starts = [int(b) for b in np.unique(begin[~np.isnan(begin)])]
    names = [f"block_{b}".replace("-", "minus_") for b in starts]
    columns = {n: (begin == b).astype(int) for n, b in zip(names, starts, strict=True)}
    return panel.assign(**columns), names
