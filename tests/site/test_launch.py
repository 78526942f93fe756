"""Chapters can be opened on Binder and Colab if the repository address is known."""

import html
import re
from types import SimpleNamespace
from unittest.mock import Mock

import pytest

from tifa_book import theme


@pytest.mark.parametrize("address", ["https://github.com/a/boats", "https://github.com/a/boats/"])
def test_both_links_name_repository_branch_and_notebook(address):
    made = theme.launch(address, "main", "notebooks/01-corpus.ipynb")
    links = [html.unescape(a) for a in re.findall(r'href="([^"]+)"', made)]
    assert links == [
        "https://mybinder.org/v2/gh/a/boats/main?urlpath=lab/tree/notebooks/01-corpus.ipynb",
        "https://colab.research.google.com/github/a/boats/blob/main/notebooks/01-corpus.ipynb",
    ]
    assert "git clone --depth 1 https://github.com/a/boats" in made


@pytest.mark.parametrize(
    "address",
    ["https://example.org/a/boats", "javascript:alert(1)", "https://github.com/a", '"><script>'],
)
def test_only_web_addresses_become_links(address):
    assert theme.launch(address, "main", "notebooks/01-corpus.ipynb") == ""


@pytest.mark.parametrize("given", ["https://example.org/boats", "https://example.org/boats/"])
def test_the_address_of_the_site_ends_with_a_slash(monkeypatch, given):
    monkeypatch.setenv("TIFA_SITE_URL", given)
    monkeypatch.delenv("TIFA_REPOSITORY_URL", raising=False)
    config = SimpleNamespace(html_title="Boats")
    theme.configure(None, config)
    assert config.html_baseurl == config.ogp_site_url == "https://example.org/boats/"


@pytest.mark.parametrize(
    ("address", "tags"),
    [
        ("", []),
        ("https://example.org/a/boats", ["repository"]),
        ("https://github.com/a/boats.git", ["repository", "launch"]),
    ],
)
def test_pages_say_where_the_repository_is_only_if_it_is_known(monkeypatch, address, tags):
    monkeypatch.setenv("TIFA_REPOSITORY_URL", address)
    monkeypatch.delenv("TIFA_SITE_URL", raising=False)
    app, config = Mock(), SimpleNamespace(html_title="Boats", html_theme_options={})
    theme.configure(app, config)
    assert [call.args[0] for call in app.tags.add.call_args_list] == tags
    if address:
        assert f"git clone {address}\ncd boats\n" in config.myst_substitutions["clone"]
