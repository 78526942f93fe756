"""Statistics of counts: plain counts in, tidy tables out."""

from tifa.stats.agreement import krippendorff_alpha
from tifa.stats.bootstrap import bootstrap_rates, bootstrap_shares
from tifa.stats.collocates import association
from tifa.stats.corrected import corrected_shares
from tifa.stats.dispersion import dispersion
from tifa.stats.diversity import hdd, mattr, mtld
from tifa.stats.keyness import keyness, log_ratio, signed_g2, weighted_log_odds
from tifa.stats.rate_ratio import rate_ratios
from tifa.stats.rates import poisson_interval, rates
from tifa.stats.shares import exact_share_interval, shares

__all__ = [
    "association",
    "bootstrap_rates",
    "bootstrap_shares",
    "corrected_shares",
    "dispersion",
    "exact_share_interval",
    "hdd",
    "keyness",
    "krippendorff_alpha",
    "log_ratio",
    "mattr",
    "mtld",
    "poisson_interval",
    "rate_ratios",
    "rates",
    "shares",
    "signed_g2",
    "weighted_log_odds",
]
