"""Pooling without an array of all windows gives what pooling with one gives, and kept products are those that would be computed."""

import threading
from typing import Any

import numpy as np
import pytest

from dashboard.prediction.classifier.cnn import CNNParameters, convolve, max_pool
from dashboard.prediction.classifier.kept_products import KeptProducts
from dashboard.prediction.classifier.vocabulary import END_OF_TEXT, TokenizedTexts
from dashboard.prediction.classifier.window_pooling import pool_text, pool_texts

FILTERS, TOKENS = 6, 50
PRODUCTS = np.random.default_rng(0).normal(size=(TOKENS, 5 * FILTERS)).astype(np.float32)


def random_texts(lengths: list[int]) -> TokenizedTexts:
    """Return texts of random tokens; each length includes the end of the text."""
    generator = np.random.default_rng(sum(lengths))
    counts = np.array(lengths)
    token_ids = np.concatenate([np.append(generator.integers(1, TOKENS, length - 1), END_OF_TEXT) for length in lengths])
    return TokenizedTexts(token_ids, np.cumsum(counts) - counts, counts)


def pool_windows(texts: TokenizedTexts) -> Any:
    """Pool an array of all windows."""
    parameters = CNNParameters(PRODUCTS, np.full(2 * FILTERS, 9, dtype=np.float32), PRODUCTS, PRODUCTS)
    rows = PRODUCTS[np.concatenate([[END_OF_TEXT], texts.token_ids])]
    return max_pool(convolve(rows, texts.token_ids, parameters), texts, parameters)


def rectify(maxima: Any) -> Any:
    """Add the bias and apply ReLU, as the network does."""
    return np.maximum(maxima + np.float32(9), 0)


@pytest.mark.parametrize("lengths", [[1], [2], [3], [1, 1, 9], [*range(1, 200)], [5_001], [40] * 70, [1] * 65])
def test_many_texts_at_once_have_the_same_maxima(lengths: list[int]) -> None:
    """They are equal to the last bit, for empty texts and several blocks, too."""
    texts = random_texts(lengths)
    maxima = pool_texts(PRODUCTS, texts.token_ids, END_OF_TEXT, texts, FILTERS)
    assert rectify(maxima).tolist() == pool_windows(texts).tolist()


@pytest.mark.parametrize("length", [1, 2, 3, 30])
def test_a_single_text_has_the_same_maxima(length: int) -> None:
    """They are equal to the last bit."""
    texts = random_texts([length])
    maxima = pool_text(PRODUCTS[np.concatenate([[END_OF_TEXT], texts.token_ids])], FILTERS)
    assert rectify(maxima).tolist() == pool_windows(texts)[0].tolist()


class Multiplier:
    """Returns the products of tokens, and counts for how many it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, token_ids: Any) -> Any:
        """Return products."""
        self.asked += len(token_ids)
        return PRODUCTS[token_ids]


@pytest.mark.parametrize("room", [0, 1, 7, TOKENS])
def test_kept_products_are_those_of_their_tokens(room: int) -> None:
    """This holds however many are kept, for single texts and for batches."""
    kept, places = KeptProducts(room), np.zeros(TOKENS, dtype=np.int32)
    for seed in range(20):
        token_ids = np.random.default_rng(seed).integers(0, TOKENS, 9)
        table, rows = kept.find_table(token_ids, places, Multiplier())
        assert table[rows].tolist() == PRODUCTS[token_ids].tolist()
        assert kept.find_rows(token_ids[::-1], places, Multiplier()).tolist() == PRODUCTS[token_ids[::-1]].tolist()
    assert np.count_nonzero(places) <= room


def test_what_is_kept_is_not_computed_again() -> None:
    """Only the tokens for which there was no room are."""
    kept, places, multiplier = KeptProducts(10), np.zeros(TOKENS, dtype=np.int32), Multiplier()
    kept.find_rows(np.arange(10), places, multiplier)
    kept.find_table(np.arange(12), places, multiplier)
    assert multiplier.asked == 10 + 2


def test_threads_get_the_products_of_their_own_tokens() -> None:
    """Nobody reads a row that isn't written yet, when all threads add rows."""
    kept, places, together = KeptProducts(TOKENS // 2), np.zeros(TOKENS, dtype=np.int32), threading.Barrier(4)
    wrong = list[int]()

    def read(seed: int) -> None:
        together.wait(30)
        for token_ids in np.random.default_rng(seed).integers(0, TOKENS, (200, 5)):
            if kept.find_rows(token_ids, places, Multiplier()).tolist() != PRODUCTS[token_ids].tolist():
                wrong.append(seed)

    threads = [threading.Thread(target=read, args=[seed]) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []
