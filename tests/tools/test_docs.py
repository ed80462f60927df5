"""What the documents point at is there."""

import re

import pytest

LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)#\s]+)(?:#[^)]*)?\)")


def documents(root):
    return [*root.glob("*.md"), *(root / "docs").rglob("*.md")]


def test_every_relative_link_leads_somewhere(repository):
    missing = [
        f"{document.relative_to(repository)}: {link['target']}"
        for document in documents(repository)
        for link in LINK.finditer(document.read_text(encoding="utf-8"))
        if "://" not in link["target"] and not (document.parent / link["target"]).exists()
    ]
    assert missing == []


def test_every_decision_is_in_the_index(repository):
    folder = repository / "docs" / "adr"
    index = (folder / "README.md").read_text(encoding="utf-8")
    assert [page.name for page in folder.glob("[0-9]*.md") if f"({page.name})" not in index] == []


@pytest.mark.parametrize(
    "target", ["run", "coordinator", "test", "lint", "prove", "bench", "screenshots", "bundle"]
)
def test_make_help_names_every_target_that_the_documents_promise(repository, target):
    assert re.search(
        rf"^{target}:.*## \w", (repository / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
    )


def test_the_example_of_the_guide_is_a_manifest_without_errors(repository):
    from marble_core.manifest.check import check_manifest  # noqa: PLC0415  the other tests need no core

    report = check_manifest((repository / "assets" / "examples" / "bakery.json").read_bytes())
    assert report.refusal is None, report.refusal
