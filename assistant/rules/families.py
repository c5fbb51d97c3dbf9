"""Which kind of service a procedure code is, where the kind follows from the published ranges of the code sets alone.

Ranges are facts of the code sets (CPT evaluation and management section 99202-99499, eye visits 92002-92014, HCPCS visit codes); no wording
is held here.
"""

from __future__ import annotations

from knowledge.codes import Code, CodeSystem

__all__ = ["is_evaluation"]

_EVALUATION = ((92002, 92014), (99202, 99316), (99341, 99350), (99381, 99429), (99441, 99499))
_EVALUATION_HCPCS = frozenset(
    {"G0402", "G0406", "G0407", "G0408", "G0425", "G0426", "G0427", "G0438", "G0439", "G0463"}
)


def is_evaluation(code: Code) -> bool:
    """Return whether the code reports an evaluation and management visit (or is paid like one), so that 25 and 57 can attach to it."""
    if code.system is CodeSystem.HCPCS:
        return code.value in _EVALUATION_HCPCS
    if code.system is not CodeSystem.CPT or not code.value.isdigit():
        return False
    return any(low <= int(code.value) <= high for low, high in _EVALUATION)
