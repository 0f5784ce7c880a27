"""Steps NIR graphs with forward Euler and compares them with what Synfire recorded.

Arguments: an npz file with `input` (samples, inputs) and, for each layer of spiking neurons from input to output,
`layer1`, `layer2` and so on (samples, neurons); then for each graph a NIR file and the time step in seconds.

It knows NIR and not the network: nodes are evaluated in the order that the edges give, and what a node does is what
NIR says of its type. Each sample is one time step; voltages are kept from one to the next. Prints a line for each
graph: samples compared, then how many differed in each layer and in the output node.
"""

import sys

import nir
import numpy as np

expected = dict(np.load(sys.argv[1]))


def stepped(path, dt):
    graph = nir.read(path)
    before = {name: [a for a, b in graph.edges if b == name] for name in graph.nodes}
    order = []
    while len(order) < len(graph.nodes):
        ready = [n for n in graph.nodes if n not in order and all(a in order for a in before[n])]
        assert ready, "the graph has a cycle"
        order += ready
    spiking = [n for n in order if isinstance(graph.nodes[n], nir.LIF)]
    sinks = [n for n in order if isinstance(graph.nodes[n], nir.Output)]
    assert f"layer{len(spiking)}" in expected and f"layer{len(spiking) + 1}" not in expected, "layers"
    voltage = {}
    mismatches = [0] * len(spiking + sinks)
    for sample, stimulus in enumerate(expected["input"]):
        value = {}
        for name in order:
            node = graph.nodes[name]
            arriving = sum(value[source] for source in before[name])
            if isinstance(node, nir.Input):
                value[name] = stimulus.astype(np.float32)
                assert value[name].shape == tuple(node.input_type["input"]), "input of another size"
            elif isinstance(node, nir.Affine):
                value[name] = node.weight @ arriving + node.bias
            elif isinstance(node, nir.LIF):
                v = voltage.get(name, np.zeros_like(node.v_leak))
                v = v + dt / node.tau * ((node.v_leak - v) + node.r * arriving)
                value[name] = (v > node.v_threshold).astype(np.float32)
                voltage[name] = np.where(value[name] > 0, node.v_reset, v)
            elif isinstance(node, nir.Output):
                value[name] = arriving
            else:
                sys.exit(f"node {name} of type {type(node).__name__}")
        for place, name in enumerate(spiking + sinks):
            layer = f"layer{min(place + 1, len(spiking))}"
            mismatches[place] += int((value[name] != expected[layer][sample]).any())
    print(len(expected["input"]), *mismatches)


for path, dt in zip(sys.argv[2::2], sys.argv[3::2]):
    stepped(path, float(dt))
