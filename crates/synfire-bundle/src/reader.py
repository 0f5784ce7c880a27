"""Runs the cases of this bundle from their CSV files alone: OK, or the first difference from the golden ones."""
import csv, hashlib, os, struct, sys
from collections import defaultdict as table

def rows(case, name, columns):  # some columns of a file, numbers as numbers
    with open(os.path.join(case, name + ".csv"), newline="") as file:
        for row in csv.DictReader(file):
            yield tuple(int(row[key]) if row[key].lstrip("-").isdigit() else row[key] for key in columns.split())

def wrap(value, bits):  # two's complement: so many bits and a sign
    return (value + (1 << bits)) % (2 << bits) - (1 << bits)

def decay(value, loss):  # the magnitude is rounded down
    return (abs(value) * (4096 - loss) >> 12) * (1 if value > 0 else -1)

def charge(weight, exponent):  # what a spike carries: floor(weight * 2^exponent) * 64
    return (weight << exponent if exponent >= 0 else weight >> -exponent) * 64

def run(case):
    cells = list(rows(case, "compartments", "id vth_mantissa bias_mantissa bias_exponent current_decay voltage_decay "
                      "refractory vmin vmax"))
    names = {i: name for kind in ("compartments", "generators") for i, *name in rows(case, kind, "id layer index")}
    ids, state, rules, synapses = {tuple(name): i for i, name in names.items()}, {}, table(list), []
    given, golden, changes, leaving, arriving = *(table(set) for _ in range(3)), table(list), table(lambda: table(int))
    for rule, *term in rows(case, "rules", "rule r1 mantissa exponent reward impulse min max"):
        rules[rule].append(term)  # all have the factors x0 and y0: only where both ends of a synapse spike
    for pre, post, weight, exponent, delay, rule in rows(case, "synapses", "pre post weight exponent delay rule"):
        synapses.append([post, weight, exponent, delay, rules.get(rule)])
        leaving[pre].append(synapses[-1])
    for file, columns, steps in (("stimulus", "step layer neuron", given), ("spikes", "step layer neuron", golden),
                                 ("changes", "step pre post old new", changes)):
        for step, *what in rows(case, file, columns):
            steps[step].add(ids[tuple(what)] if steps is not changes else tuple(what))
    sums = dict(rows(case, "samples", "last_step weights_sha256"))
    for step in range(1, max(sums) + 1):
        arrived, fired, learned = arriving.pop(step, {}), set(given[step]), set()
        for cell, vth, bias, shift, du, dv, refractory, vmin, vmax in cells:
            current, voltage, held = state.get(cell, (0, 0, 0))
            current = wrap(decay(current, du) + wrap(arrived.get(cell, 0), 21), 23)
            voltage = 0 if held else max(vmin, min(vmax, decay(voltage, dv) + wrap(current + (bias << shift), 23)))
            fired.update([cell] * (voltage > vth * 64))
            state[cell] = (current, 0, refractory - 1) if cell in fired else (current, voltage, max(held - 1, 0))
        for cell in sorted(fired ^ golden[step] ^ given[step]):
            return "step %d, %s %d: expected %s spike" % (step, *names[cell], "no" if cell in fired else "a")
        for pre, synapse in ((pre, synapse) for pre in fired for synapse in leaving[pre]):
            post, weight, exponent, delay, rule = synapse
            arriving[step + 1 + delay][post] += charge(weight, exponent)  # the weight from before this step's learning
            if rule and post in fired:
                change = sum(m * 2 ** e * (impulse * (reward in fired)) ** r1 for r1, m, e, reward, impulse, *_ in rule)
                synapse[1] = max(rule[0][-2], min(rule[0][-1], weight + change))
                learned.update([(pre, post, weight, synapse[1])] * (weight != synapse[1]))
        for pre, post, old, new in sorted(learned ^ changes[step]):
            return "step %d, weight from %s %d to %s %d: unlike changes.csv" % (step, *names[pre], *names[post])
        weights = [synapse[1] for synapse in synapses] if step in sums else []
        if step in sums and hashlib.sha256(struct.pack("<%dh" % len(weights), *weights)).hexdigest() != sums[step]:
            return "step %d: the weights have another SHA-256 than samples.csv says" % step
here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cases")
found = {case: run(os.path.join(here, case)) for case in sys.argv[1:] or sorted(os.listdir(here))}
print("\n".join("%s: %s" % (case, problem or "OK") for case, problem in found.items()))
sys.exit(any(found.values()))
