"""The public address of the site: one setting, TIFA_SITE_URL.

Where it is empty, whatever needs it (canonical links, sitemap, Open Graph) is left out.
"""

from __future__ import annotations

import os

from sphinx.application import Sphinx
from sphinx.config import Config


def set_address(app: Sphinx, config: Config) -> None:
    config.html_baseurl = os.environ.get("TIFA_SITE_URL", "")
    config.ogp_site_url = config.html_baseurl
    config.ogp_site_name = config.html_title
    config.ogp_social_cards = {"enable": False}
    config.ogp_enable_meta_description = False  # page_metadata.py writes it


def setup(app: Sphinx) -> dict[str, bool]:
    if os.environ.get("TIFA_SITE_URL"):
        app.connect("config-inited", set_address, priority=100)
        app.setup_extension("sphinx_sitemap")
        app.setup_extension("sphinxext.opengraph")
        app.config.sitemap_url_scheme = "{link}"
    return {"parallel_read_safe": True, "parallel_write_safe": True}
