"""Manifests as people and worse write them, for laws that hold whatever a manifest says."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

_NAMES = st.sampled_from(["a", "b", "c", "A", "", "x.y"])
_WORDS = st.lists(st.sampled_from(["r", "s", "t", "R"]), max_size=5)
_ODD = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-2, 2), st.sampled_from(["", "x", "1.5"])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_NAMES, inner, max_size=3)),
    max_leaves=3,
)


def _struct(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Any of the fields, now and then null or of an unfitting kind, and now and then an unknown one."""
    loose = {name: st.one_of(field, field, field, _ODD) for name, field in fields.items()}
    return st.fixed_dictionaries({}, optional={**loose, "Odd": _ODD})


def _entries(of: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(_NAMES, st.one_of(of, of, of, _ODD), max_size=3)


_TEXT = st.sampled_from(["", "x", "y"])
_NUMBER = st.integers(0, 2)
_FLAG = st.booleans()
_CONNECTIONS = st.lists(
    st.one_of(
        _struct(Port=st.sampled_from(["1", "2"]), Addr=_TEXT, Cert=_TEXT, DisableClientAuth=_FLAG), _ODD
    ),
    max_size=4,
)
_PARAMETER = st.one_of(
    _TEXT, _struct(Data=_TEXT, Encoding=st.sampled_from(["", "string", "hex", "base64"]), NoTemplates=_FLAG)
)
MANIFESTS = _struct(
    Packages=_entries(
        _struct(Debug=_FLAG, UniqueID=_TEXT, SecurityVersion=_NUMBER, AcceptedAdvisories=_WORDS)
    ),
    Marbles=_entries(
        _struct(
            Package=_TEXT,
            Parameters=_struct(Files=_entries(_PARAMETER), Env=_entries(_PARAMETER), Argv=_WORDS),
            TLS=_WORDS,
        )
    ),
    Secrets=_entries(
        _struct(
            Type=_TEXT,
            Size=_NUMBER,
            Cert=_struct(DNSNames=_WORDS, Subject=_struct(Country=_WORDS, CommonName=_TEXT), IsCA=_FLAG),
            Private=st.sampled_from(["", "AAAA", "AA==", "?"]),
        )
    ),
    Users=_entries(_struct(Certificate=_TEXT, Roles=_WORDS)),
    Roles=_entries(_struct(ResourceType=_TEXT, ResourceNames=_WORDS, Actions=_WORDS)),
    RecoveryKeys=_entries(_TEXT),
    TLS=_entries(_struct(Incoming=_CONNECTIONS, Outgoing=_CONNECTIONS)),
    Config=_struct(SealMode=_TEXT, FeatureGates=_WORDS, UpdateThreshold=_NUMBER),
)
