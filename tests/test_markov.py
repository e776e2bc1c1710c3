import math

import pytest

from zoo.evaluation.markov import Markov


def test_unigram_by_hand():
    """Tokens after the first: 1 1 2. Witten-Bell: (c + t/V) / (n + t) with n = 3, t = 2, V = 4."""
    model = Markov(0, 4).fit([[0, 1, 1, 2]])
    assert model.probability((), 1) == pytest.approx((2 + 2 / 4) / 5)
    assert model.probability((), 3) == pytest.approx((0 + 2 / 4) / 5)


def test_bigram_by_hand():
    """After 1 came 1 and 2, once each: (1 + 2 * P(2)) / (2 + 2)."""
    model = Markov(1, 4).fit([[0, 1, 1, 2]])
    unigram = (1 + 2 / 4) / 5
    assert model.probability((1,), 2) == pytest.approx((1 + 2 * unigram) / 4)
    assert model.probability((3,), 2) == pytest.approx(unigram), "an unseen history backs off"


@pytest.mark.parametrize("order", [0, 1, 3])
def test_probabilities_sum_to_one(order):
    model = Markov(order, 6).fit([[0, 1, 2, 3, 1, 2, 4], [0, 2, 1, 2, 3]])
    for history in [(), (1,), (1, 2), (5, 1, 2), (2, 3, 1)]:
        assert sum(model.probability(history, token) for token in range(6)) == pytest.approx(1)


def test_nats_of_a_sequence():
    model = Markov(1, 4).fit([[0, 1, 1, 2]])
    expected = -math.log(model.probability((0,), 1)) - math.log(model.probability((1,), 2))
    assert model.nats([0, 1, 2]) == pytest.approx(expected)


def test_the_lower_orders_are_inside():
    sequences = [[0, 1, 2, 3, 1, 2, 4], [0, 2, 1, 2, 3]]
    model = Markov(3, 6).fit(sequences)
    for order in (0, 1, 2):
        lower = Markov(order, 6).fit(sequences)
        assert model.nats([0, 1, 2, 5, 3], order) == pytest.approx(lower.nats([0, 1, 2, 5, 3]))
