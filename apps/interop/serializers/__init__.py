"""Shapes of what spans the apps."""
