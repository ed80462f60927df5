"""The wizard that changes a coordinator: a first manifest, or raised versions of packages. Shows before it sends."""
