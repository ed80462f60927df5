"""Manifests: model, decoding, rules, templates, differences (spec: manifest.md)."""
