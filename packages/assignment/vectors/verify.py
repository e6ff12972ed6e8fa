"""An independent implementation of fairtrial's assignment, from its description alone; standard library only.

    python3 verify.py             checks hash.json and assignment.json, exit code 1 on any difference
    python3 verify.py --generate  writes assignment.json anew from the cases below

hash.json holds the numbers of the reference C++ and is never generated here.

The rules, for whoever ports them:
  hash      MurmurHash3_x86_32 over UTF-8 bytes
  seed      hash(purpose + NUL + salt, 0) >> 1; the salt is the name of the holdout or layer, else the experiment's
  bucket    hash * 1,000,000 >> 32
  arm i     buckets below floor(1,000,000 * (w0 + ... + wi) / sum), but never fewer than one bucket an arm
  order     unit id, unit type, state, holdout, (shipped), layer, eligibility, traffic, variant
"""

import json
import pathlib
import sys

BUCKETS = 1_000_000
MAXIMUM_UNIT_ID_BYTES = 1024
HERE = pathlib.Path(__file__).parent


def murmur3(data, seed):
    def rotl(x, r):
        return ((x << r) | (x >> (32 - r))) & 0xFFFFFFFF

    def scramble(k):
        return rotl(k * 0xCC9E2D51 & 0xFFFFFFFF, 15) * 0x1B873593 & 0xFFFFFFFF

    h = seed
    whole = len(data) & ~3
    for i in range(0, whole, 4):
        h ^= scramble(int.from_bytes(data[i : i + 4], "little"))
        h = (rotl(h, 13) * 5 + 0xE6546B64) & 0xFFFFFFFF
    if data[whole:]:
        h ^= scramble(int.from_bytes(data[whole:], "little"))
    h ^= len(data)
    h = (h ^ h >> 16) * 0x85EBCA6B & 0xFFFFFFFF
    h = (h ^ h >> 13) * 0xC2B2AE35 & 0xFFFFFFFF
    return h ^ h >> 16


def seed_of(purpose, salt):
    return murmur3(f"{purpose}\0{salt}".encode(), 0) >> 1


def bucket_of(data, purpose, salt):
    return murmur3(data, seed_of(purpose, salt)) * BUCKETS >> 32


def buckets(percent):
    """Percentages have at most four decimals, so this is an integer but for the noise of binary fractions."""
    return round(percent * 10_000)


def ends(weights):
    below, previous, out = 0, 0, []
    for i, weight in enumerate(weights):
        below += weight
        end = BUCKETS * below // sum(weights)
        previous = min(max(end, previous + 1), BUCKETS - (len(weights) - 1 - i))
        out.append(previous)
    return out


def meets(condition, attributes):
    """The kinds of condition that the vectors use."""
    if "all" in condition:
        return all(meets(part, attributes) for part in condition["all"])
    if "any" in condition:
        return any(meets(part, attributes) for part in condition["any"])
    if "not" in condition:
        return not meets(condition["not"], attributes)
    value = attributes.get(condition["attribute"])
    if "equals" in condition:
        return type(value) is type(condition["equals"]) and value == condition["equals"]
    if "in" in condition:
        return value in condition["in"]
    low, high = condition["range"].get("from", float("-inf")), condition["range"].get("below", float("inf"))
    return type(value) in (int, float) and low <= value < high


def assign(experiment, state, unit):
    def answer(reason, variant=None, bucket=None, served=None):
        return {"reason": reason, "variant": variant, "bucket": bucket, "served": served or experiment["control"]}

    shipped = state["shippedVariant"] if state["status"] == "shipped" else None
    unit_id = unit.get("unitId")
    if unit_id in (None, ""):
        return answer("no-unit-id", served=shipped)
    if not isinstance(unit_id, str):
        return answer("invalid-unit-id", served=shipped)
    try:
        data = unit_id.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return answer("invalid-unit-id", served=shipped)
    if len(data) > MAXIMUM_UNIT_ID_BYTES:
        return answer("invalid-unit-id", served=shipped)
    if unit.get("unitType") != experiment["unitType"]:
        return answer("wrong-unit-type", served=shipped)
    if state["status"] in ("aborted", "stopped"):
        return answer(state["status"])
    if "holdout" in experiment:
        each = buckets(experiment["holdout"]["percent"])
        bucket = bucket_of(data, "holdout", experiment["holdout"]["name"])
        if bucket < each or (bucket < 2 * each and shipped is None):
            return answer("held-out")
    if shipped is not None:
        return answer("shipped", served=shipped)
    if "layer" in experiment:
        layer = experiment["layer"]
        bucket = bucket_of(data, "layer", layer["name"])
        if not buckets(layer["fromPercent"]) <= bucket < buckets(layer["toPercent"]):
            return answer("outside-layer")
    if "eligibility" in experiment and not meets(experiment["eligibility"], unit.get("attributes", {})):
        return answer("not-eligible")
    if bucket_of(data, "traffic", experiment["salt"]) >= buckets(state["trafficPercent"]):
        return answer("outside-traffic")
    bucket = bucket_of(data, "variant", experiment["salt"])
    arms = ends([variant["weight"] for variant in experiment["variants"]])
    name = next(v["name"] for v, below in zip(experiment["variants"], arms) if bucket < below)
    return answer("assigned", name, bucket, name)


IDS = [
    "user-1", "user-2", "user-3", "user-42", "user-1000000", "a", "ab", "abc", "abcd", " user-1", "user-1 ", "User-1",
    "0", "00", "123", "9007199254740991", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "nobody@example.org", "\0", "a\0b",
    "\x7f", "\x80", "é", "e\u0301", "Sulisław", "Ā", "日本語", "مرحبا", "שלום", "😀", "👩‍👩‍👧‍👦", "\U0010ffff", "\ufffd",
    "\ufeffuser-1",
]  # fmt: skip
LONGEST_IDS = ["x" * 1024, "é" * 512]
BAD_IDS = [None, "", 0, 1, True, [], {}, "\ud83d", "\ude00", "a\ud800b", "x" * 1025, "é" * 513, "日" * 342]
RUNNING = {"status": "running", "trafficPercent": 100, "shippedVariant": None}


def experiment(salt, weights=(1, 1), **more):
    names = ["control", "treatment", "third", "fourth", "fifth"]
    variants = [{"name": name, "weight": weight} for name, weight in zip(names, weights)]
    return {"salt": salt, "unitType": "viewer", "control": "control", "variants": variants, **more}


def scenarios():
    traffic = lambda percent: {**RUNNING, "trafficPercent": percent}
    status = lambda name, shipped=None: {"status": name, "trafficPercent": 0, "shippedVariant": shipped}
    edge = {"attribute": "country", "in": ["DE", "FR"]}
    yield "an even split", experiment("plain"), RUNNING
    yield "a salt that is not ASCII", experiment("Größe-日本"), RUNNING
    yield "weights of 1 to 2 to 3", experiment("thirds", (1, 2, 3)), RUNNING
    yield "thirds, which do not divide a million", experiment("uneven", (1, 1, 1)), RUNNING
    yield "a weight too small for a bucket", experiment("tiny", (9007199254740991, 1)), RUNNING
    yield "a control too small for a bucket", experiment("tiny-control", (1, 9007199254740991)), RUNNING
    yield "five arms, 99 % in one", experiment("five", (1, 9900, 25, 37, 37)), RUNNING
    yield "traffic of 30 %", experiment("ramp"), traffic(30)
    yield "the same at 60 %", experiment("ramp"), traffic(60)
    yield "traffic of 0.0001 %", experiment("ramp"), traffic(0.0001)
    yield "traffic of 0 %", experiment("ramp"), traffic(0)
    for low, high in ((0, 33.3333), (33.3333, 66.6667), (66.6667, 100)):
        slot = {"name": "home", "fromPercent": low, "toPercent": high}
        yield f"slot [{low}, {high}) of a layer", experiment(f"slot-{low}", layer=slot), RUNNING
    held = experiment("held", holdout={"name": "2026", "percent": 20})
    yield "a holdout of twice 20 %", held, RUNNING
    yield "the same, shipped", held, status("shipped", "treatment")
    everybody = experiment("all", holdout={"name": "all", "percent": 50})
    yield "a holdout of everybody", everybody, RUNNING
    yield "a holdout of everybody, shipped", everybody, status("shipped", "treatment")
    yield "aborted", held, status("aborted")
    yield "stopped", experiment("plain"), status("stopped")
    yield "holding keeps its units", experiment("plain"), {**RUNNING, "status": "holding"}
    full = experiment(
        "full", (2, 3), holdout={"name": "2026", "percent": 5},
        layer={"name": "home", "fromPercent": 10, "toPercent": 95}, eligibility={"not": {"all": [edge]}},
    )  # fmt: skip
    yield "every purpose at once", full, traffic(90)


def generate():
    cases = []
    for name, definition, state in scenarios():
        ids = IDS if cases else IDS + LONGEST_IDS
        units = [{"unitType": "viewer", "unitId": unit_id, "attributes": {"country": "IT"}} for unit_id in ids]
        cases.append({"name": name, "experiment": definition, "state": state, "units": units})
    bad = [{"unitType": "viewer", "unitId": unit_id} for unit_id in BAD_IDS]
    types = [{"unitType": kind, "unitId": "user-1"} for kind in ("session", "", None, "Viewer")]
    odd = [{}, {"unitType": "viewer"}, {"unitId": "user-1"}]
    for name, state in (("units that are none", RUNNING), ("the same, shipped", {**RUNNING, "status": "shipped", "shippedVariant": "treatment"})):
        cases.append({"name": name, "experiment": experiment("bad"), "state": state, "units": bad + types + odd})
    condition = {"any": [
        {"all": [{"attribute": "country", "in": ["DE", "FR"]}, {"attribute": "age", "range": {"from": 18, "below": 65}}]},
        {"attribute": "staff", "equals": True},
    ]}  # fmt: skip
    given = [
        {"country": "DE", "age": 18}, {"country": "DE", "age": 65}, {"country": "DE", "age": 17.999}, {"country": "de", "age": 30},
        {"country": "FR", "age": "30"}, {"country": "FR"}, {"staff": True}, {"staff": "true"}, {"staff": 1}, {}, {"country": None},
    ]  # fmt: skip
    units = [{"unitType": "viewer", "unitId": "user-1", "attributes": attributes} for attributes in given]
    cases.append({"name": "eligibility", "experiment": experiment("rules", eligibility=condition), "state": RUNNING, "units": units})
    for case in cases:
        case["expected"] = [assign(case["experiment"], case["state"], unit) for unit in case["units"]]
    text = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    (HERE / "assignment.json").write_text('{"schema":1,"cases":[\n' + text + "\n]}\n")


def check():
    wrong, count = [], 0
    for case in json.loads((HERE / "hash.json").read_text())["cases"]:
        count += 1
        got = murmur3(bytes.fromhex(case["utf8Hex"]), case["seed"])
        if got != case["hash"]:
            wrong.append(f"hash.json {case['id']}: expected {case['hash']}, got {got}")
    for case in json.loads((HERE / "assignment.json").read_text())["cases"]:
        for unit, expected in zip(case["units"], case["expected"], strict=True):
            count += 1
            got = assign(case["experiment"], case["state"], unit)
            if got != expected:
                wrong.append(f"{case['name']}, unit {unit}: expected {expected}, got {got}")
    for line in wrong:
        print(line, file=sys.stderr)
    print(f"{count - len(wrong)} of {count} vectors agree")
    return 1 if wrong or not count else 0


if __name__ == "__main__":
    if "--generate" in sys.argv:
        generate()
    sys.exit(check())
