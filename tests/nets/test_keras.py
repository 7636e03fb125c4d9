"""Keras as a second opinion, where it is installed: same weights, same logits."""

from __future__ import annotations

import importlib.util
import os
from typing import Any

import numpy as np
import pytest
import torch

from labbench import architecture, nets
from labbench.architecture import Model, plan

if importlib.util.find_spec("keras") is None:
    pytest.skip("keras is not installed", allow_module_level=True)
if importlib.util.find_spec("jax") is not None:
    os.environ.setdefault("KERAS_BACKEND", "jax")

keras: Any = pytest.importorskip("keras")

MODELS = [
    Model(family="custom", channels=8, batch_norm=True),
    Model(family="custom", channels=8, convs=9, activation="tanh"),
    Model(family="vgg", channels=4, convs=18, batch_norm=True),
    Model(family="large", channels=4, convs=9, batch_norm=True),
    Model(family="base", batch_norm=True),
]


def keras_net(model: Model) -> Any:
    """The model as a person would write it in Keras from the report's words."""
    layers, sizes = keras.layers, architecture.families.resolved(model)
    net = keras.Sequential([keras.Input((16000, 1))])

    def conv(kernel: int, channels: int, padding: str = "same") -> None:
        net.add(layers.Conv1D(channels, kernel, padding=padding))
        if model.batch_norm:
            net.add(layers.BatchNormalization())
        net.add(layers.Activation(model.activation))

    start = sizes.channels
    if model.family == "base":
        for index in range(sizes.convs):
            conv(sizes.kernel, start * 2**index, "valid")
            # Keras' own 'same' pooling would put half of the padding in front. Zeros change no
            # maximum behind a relu.
            net.add(layers.ZeroPadding1D((0, -net.output_shape[1] % 4)))
            net.add(layers.MaxPooling1D(4))
    elif model.family == "vgg":
        for index in range(sizes.convs):
            if index and index % 2 == 0:
                net.add(layers.MaxPooling1D(3))
            conv(sizes.kernel, start * 2 ** (index // 8))
    else:
        kernels = [192, 96, 48, 24, 12, 6, 3, 3, 3] if model.family == "large" else [5] * 9
        for index in range(sizes.convs):
            conv(kernels[index], start * 2 ** (index // 4))
            if index:
                net.add(layers.MaxPooling1D(3))
    net.add(layers.Flatten())
    if model.family == "base":
        net.add(layers.Dense(1024, activation=model.activation))
        net.add(layers.Dense(512, activation=model.activation))
    net.add(layers.Dense(16))
    return net


@pytest.mark.parametrize("model", MODELS, ids=lambda model: f"{model.family}-{model.activation}")
def test_same_weights_give_the_logits_keras_gives(model: Model) -> None:
    made = plan(model, 16)
    net, theirs = nets.build(made), keras_net(model)
    ours = {layer.name: net.get_submodule(layer.name) for layer in made}
    pairs = [layer for layer in theirs.layers if layer.weights]
    planned = [layer for layer in made if layer.parameters]
    rng = np.random.default_rng(0)
    for layer, planned_layer in zip(pairs, planned, strict=True):
        weights = layer.get_weights()
        if planned_layer.kind == "batch_norm":
            weights = [rng.uniform(0.5, 1.5, array.shape) for array in weights]
        else:
            weights[1] = rng.uniform(-0.1, 0.1, weights[1].shape)
        layer.set_weights(weights)
        copy_into(ours[planned_layer.name], planned_layer.kind, weights)
    assert sum(int(np.prod(w.shape)) for w in theirs.trainable_weights) == made.parameters
    clips_BT = rng.uniform(-1, 1, (2, 16000)).astype(np.float32)
    with torch.no_grad():
        given = net.eval()(torch.from_numpy(clips_BT)).numpy()
    expected = np.asarray(theirs(clips_BT[:, :, None], training=False))
    np.testing.assert_allclose(given, expected, rtol=2e-3, atol=2e-4 * np.abs(expected).max())


def copy_into(part: torch.nn.Module, kind: str, weights: list[np.ndarray]) -> None:
    """Keras' weights of one layer into ours: kernels are (k, I, O) there and (O, I, k) here."""
    tensors = [torch.tensor(np.asarray(array).T.copy()) for array in weights]
    names = ("weight", "bias", "running_mean", "running_var")[: len(tensors)]
    with torch.no_grad():
        for name, tensor in zip(names, tensors, strict=True):
            getattr(part, name).copy_(tensor)


def test_training_batch_norm_moves_as_keras_moves_it() -> None:
    made = plan(Model(convs=1, channels=3, batch_norm=True), 4, length=50)
    ours = nets.build(made).get_submodule("bn1").train()
    theirs = keras.layers.BatchNormalization()
    x_BTC = np.random.default_rng(0).normal(2, 3, (64, 50, 3)).astype(np.float32)
    expected = np.asarray(theirs(x_BTC, training=True))
    with torch.no_grad():
        given = ours(torch.from_numpy(x_BTC).transpose(1, 2)).transpose(1, 2).numpy()
    np.testing.assert_allclose(given, expected, atol=1e-4)
    mean, variance = (np.asarray(array) for array in theirs.get_weights()[2:])
    np.testing.assert_allclose(ours.running_mean.numpy(), mean, rtol=1e-4)
    # Keras keeps the plain variance, torch the unbiased one: a share of 1 / (B T - 1) apart.
    np.testing.assert_allclose(ours.running_var.numpy(), variance, rtol=1e-3)
