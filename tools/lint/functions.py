"""Finds the functions of a C++ file by counting braces: enough to measure how long they are."""

import re

TOKEN = re.compile(
    r"""//[^\n]*|/\*.*?\*/            # comments
      |R"(\w*)\(.*?\)\1"              # raw strings
      |"(?:\\.|[^"\\\n])*"            # strings
      |(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'   # characters, but not the separators of 1'000
    """,
    re.S | re.X,
)

DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.M)

# What a `{` after a `)` opens when it is not a function.
CONTROL = re.compile(r"^(?:else\s+)?(?:if|for|while|switch|catch|do|else|try)\b")

# `) const noexcept override -> T {`, and a constructor's initialisers.
SIGNATURE = re.compile(
    r"\)\s*(?:const\s*|noexcept\s*|override\s*|final\s*|mutable\s*|&&?\s*|->\s*[^{};]+|:[^{};]*)*$",
    re.S,
)


def _blank(match):
    text = match.group(0)
    if text.startswith("/"):
        return re.sub(r"[^\n]", " ", text)
    # Strings keep their quotes, so that an empty argument does not appear.
    return text[0] + re.sub(r"[^\n]", "_", text[1:-1]) + text[-1]


def without_comments(text):
    """The text with comments blank and strings filled with underscores; lines and columns stay."""
    return TOKEN.sub(_blank, text)


def _name(head):
    match = re.search(r"([\w:~]+|operator\S+)\s*\(", head)
    return match.group(1) if match else "function"


def find(text):
    """Yields (name, first line, last line) of each outermost function."""
    code = without_comments(text)
    code = DIRECTIVE.sub(lambda match: re.sub(r"[^\n]", " ", match.group(0)), code)
    stack = []  # (is a function, name, line of its head) of each open brace
    head_start = 0
    for match in re.finditer(r"[{};]", code):
        position, token = match.start(), match.group(0)
        head = code[head_start:position]
        if token == "{":
            stripped = head.strip()
            inside = any(is_function for is_function, _, _ in stack)
            is_function = (
                not inside and bool(SIGNATURE.search(stripped)) and not CONTROL.match(stripped)
            )
            first = code.count("\n", 0, head_start + len(head) - len(head.lstrip())) + 1
            stack.append((is_function, _name(stripped), first))
        elif token == "}" and stack:
            is_function, name, first = stack.pop()
            if is_function:
                yield name, first, code.count("\n", 0, position) + 1
        head_start = position + 1
