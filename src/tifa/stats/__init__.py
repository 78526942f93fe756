"""Statistics of counts: plain counts in, tidy tables out."""

from tifa.stats.rates import poisson_interval, rates
from tifa.stats.shares import exact_share_interval, shares

__all__ = ["exact_share_interval", "poisson_interval", "rates", "shares"]
