import pytest
from cel_expr_python import cel

from backhaul.domain.errors import PolicyError
from policies.cel import Language, Variable
from policies.facts import Kind
from policies.syntax import Call, Constant, Listing, Name, NotInSubset

LANGUAGE = Language(
    {
        "quantity": Variable(Kind.WHOLE),
        "price": Variable(Kind.WHOLE),
        "hazmat": Variable(Kind.FLAG),
        "tier": Variable(Kind.CHOICE, ("standard", "gold")),
        "p.limit": Variable(Kind.WHOLE),
        "p.answer": Variable(Kind.CHOICE, ("never", "permit")),
    }
)


def test_the_library_returns_errors_as_true_looking_values_and_we_do_not_fall_for_it() -> None:
    environment = cel.NewEnv(variables={"fraud": cel.Type.INT})
    raw = environment.compile("fraud <= 700").eval(data={})
    assert raw.value()  # the trap: an error that reads as true
    condition = LANGUAGE.compile("quantity <= 700", Kind.FLAG)
    for damaged in ({}, {"quantity": None}, {"quantity": "9"}, {"quantity": 1.5}):
        with pytest.raises(PolicyError, match="no answer"):
            condition.answer(LANGUAGE.moment(damaged))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("quantty > 1", "quantty"),
        ("p.limits > 1", "p.limits"),
        ("quantity == 'one'", "== cannot take a whole number and a word"),
        ("quantity == 1.5", "== cannot take a whole number and a number with a point"),
        ("tier == 'platinum'", "not on the list of tier: standard, gold"),
        ("tier in ['gold', 'platinum']", "'platinum' is not on the list"),
        ("p.answer != 'no'", "'no' is not on the list of p.answer"),
        ("'silver' == tier", "'silver' is not on the list"),
        ("(hazmat ? tier : tier) == 'gold'", "can only be compared with a fact"),
        ("quantity * price > 5", "_*_ is not part"),
        ("quantity / 2 > 5", "_/_ is not part"),
        ("quantity % 2 == 0", "_%_ is not part"),
        ("size(tier) > 3", "size is not part"),
        ("tier.startsWith('g')", "startsWith is not part"),
        ("tier + 'x' == 'gold'", "_+_ is not part"),
        ("tier < 'gold'", "_<_ is not part"),
        ("matches(tier, 'g.*')", "matches is not part"),
        ("[1, 2].exists(x, x == quantity)", "not part of the policy language"),
        ("{'a': 1}.a == 1", "not part of the policy language"),
        ("quantity < 5000000000000", "beyond any figure"),
        ("(" * 40 + "hazmat" + ")" * 40, "too long or too deep in brackets"),
        ("!(" * 3_000 + "hazmat" + ")" * 3_000, "too long or too deep in brackets"),
        ("quantity" + " + 1" * 60 + " > price", "too long or too deep in brackets"),
        ("hazmat ? true : " * 50 + "false", "too long or too deep in brackets"),
        ("hazmat || " * 20_000 + "hazmat", "is too long"),
        ("risk_of(quantity) > 1", "no function risk_of"),
        ("quantity + 1", "gives a whole number; write what gives a flag"),
        ("quantity >", "cannot be read at its end"),
        ("1.5 < 2.5", "is not part"),
    ],
)
def test_what_is_outside_the_small_language_does_not_load(text: str, complaint: str) -> None:
    with pytest.raises(NotInSubset) as refusal:
        LANGUAGE.compile(text, Kind.FLAG)
    assert complaint in str(refusal.value)


def test_the_tree_is_what_was_written() -> None:
    compiled = LANGUAGE.compile("!hazmat && -quantity + 0 <= -300 || tier in ['gold']", Kind.FLAG)
    assert compiled.reads == ("hazmat", "quantity", "tier")
    either = compiled.tree
    assert isinstance(either, Call)
    both, among = either.arguments
    assert (either.operator, either.overload) == ("_||_", "logical_or")
    assert isinstance(both, Call)
    assert both.arguments[1] == Call(
        "_<=_",
        "less_equals_int64",
        (
            Call("_+_", "add_int64", (Call("-_", "negate_int64", (Name("quantity"),)), Constant(0))),
            Constant(-300),
        ),
    )
    assert among == Call("@in", "in_list", (Name("tier"), Listing((Constant("gold"),))))


@pytest.mark.parametrize(
    ("text", "kind", "answer"),
    [
        ("hazmat ? 1 : p.limit - 2", Kind.WHOLE, 5),
        ("tier == 'gold' && quantity > 2", Kind.FLAG, True),
        ("p.answer", Kind.CHOICE, "never"),
        ("false", Kind.FLAG, False),
        ("((((((hazmat || quantity == 3))))))" + " && true" * 60, Kind.FLAG, True),
    ],
)
def test_conditions_answer(text: str, kind: Kind, answer: object) -> None:
    moment = LANGUAGE.moment(
        {"quantity": 3, "price": 1, "hazmat": False, "tier": "gold", "p.limit": 7, "p.answer": "never"}
    )
    assert LANGUAGE.compile(text, kind).answer(moment) == answer


@pytest.mark.parametrize(
    "text",
    [
        " && ".join(["hazmat"] * 5_000),
        f"quantity in [{', '.join(str(number) for number in range(200))}]",
        " || ".join(f"quantity + {number} == price" for number in range(67)),
    ],
)
def test_a_condition_of_more_terms_than_anybody_reads_does_not_load(text: str) -> None:
    with pytest.raises(NotInSubset, match="terms, and at most 200 are read"):
        LANGUAGE.compile(text, Kind.FLAG)


@pytest.mark.parametrize(
    "text",
    [
        " && ".join(["hazmat"] * 200),
        f"quantity in [{', '.join(str(number) for number in range(199))}]",
        " || ".join(f"quantity + {number} == price" for number in range(66)),
    ],
)
def test_a_long_condition_loads(text: str) -> None:
    assert LANGUAGE.compile(text, Kind.FLAG).reads


@pytest.mark.parametrize(
    "text",
    [
        " + ".join(["quantity"] * 900) + " > 0",
        "(" * 300 + "hazmat" + ")" * 300,
        " && ".join(["hazmat"] * 60_000),
    ],
)
def test_a_condition_the_library_cannot_take_is_told_in_words(text: str) -> None:
    with pytest.raises(NotInSubset, match="too long or too deep in brackets"):
        LANGUAGE.compile(text, Kind.FLAG)
