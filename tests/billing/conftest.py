"""The test gateway, started for whoever asks for it."""

from tests.fakes.gateway import fake_gateway  # noqa: F401  a fixture
