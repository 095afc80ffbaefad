"""The pictures of day 5: sizes, ranges, the split of day 2, and rendered ones that a seed brings back."""

import pytest
import torch
from part2_cnns.solutions import get_digits
from part5_vaes import data


@pytest.mark.parametrize("train", [True, False])
def test_digits_keep_day_2s_split(train):
    known, labels = get_digits(train).tensors
    assert data.digits(8, train).tensors[0].equal(known)
    images, own = data.digits(16, train).tensors
    assert images.shape == (len(known), 1, 16, 16) and images.dtype == torch.float32 and own.equal(labels)
    assert images.min() >= 0 and images.max() <= 1
    # two by two pixels of the larger stand for one of the smaller: the picture is neither moved nor turned
    assert torch.nn.functional.avg_pool2d(images, 2).sub(known).abs().mean() < 0.1


def test_digits_of_another_size_are_refused():
    with pytest.raises(ValueError, match="8 or 16"):
        data.digits(12)


def test_rendered_pictures_come_back_with_their_seed():
    pictures = data.rendered_pictures(4, size=16, seed=3)
    assert pictures.shape == (4, 1, 16, 16) and pictures.equal(data.rendered_pictures(4, size=16, seed=3))
    assert not pictures.equal(data.rendered_pictures(4, size=16, seed=4))
    assert pictures.min() == 0 and 0.5 < pictures.max() <= 1
    assert all(0.05 < (picture > 0).float().mean() < 0.9 for picture in pictures)


def test_a_fox_sits_upright():
    fox = data.rendered_pictures(1, size=32)[0, 0]
    upper, lower = (fox[:8] > 0).sum(), (fox[-8:] > 0).sum()  # ears above, a broad seat below
    assert 0 < upper < lower


def test_no_pictures_are_a_result_too():
    assert data.rendered_pictures(0, size=8).shape == (0, 1, 8, 8)
