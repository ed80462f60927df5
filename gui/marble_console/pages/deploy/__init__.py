"""The wizard that changes a coordinator: a first manifest, raised versions of packages, or a full update. Shows before it sends."""
