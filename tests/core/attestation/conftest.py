import pytest

from tests.fakes.quote_vectors import Vectors


@pytest.fixture(scope="session")
def vectors(shared_dir):
    return Vectors(shared_dir)
