"""Invented strings that try to be more than text."""

from hypothesis import strategies as st

#: Each would have a visible effect if it were run: window.struck, a dialog, a request, a link.
SCRIPT = "<script>window.struck=1;alert(1)</script>"
IMAGE = '"><img src=x onerror="window.struck=1">'
REMOTE = "<img src='https://evil.example/x.png'><iframe src=//evil.example></iframe>"
BRACES = "{{ 7*7 }}{% raw %}{{constructor.constructor('window.struck=1')()}}"
MYST = "{raw}`html <script>window.struck=1</script>` ```{raw} html"
LINK = "[a lamp](javascript:window.struck=1) <javascript:alert(1)>"
SVG = "]]></text></svg><svg onload=window.struck=1><foreignObject>"
TEMPLATE = "</template></figure></table><style>*{display:none}</style>"
MATHS = r"$\frac{1$ \(x\) $$\input{/etc/passwd}$$"
TURNED = "\u202eesrever\u202c \u2067abc שלום مرحبا"
MARKS = "Z" + "\u0334\u0335\u0336" * 20 + " o\u0308"
LONG = "W" * 400
MARKUP = [SCRIPT, IMAGE, REMOTE, BRACES, MYST, LINK, SVG, TEMPLATE, MATHS, TURNED, MARKS, LONG]

#: Spreadsheet programs would read these as formulas.
FORMULAS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    '=HYPERLINK("https://evil.example","x")',
    "=cmd|' /C calc'!A0",
    "＝1+1",
]

#: Bytes, some of which look like markup, YAML, rows or dates.
PIECES = st.lists(
    st.binary(max_size=8)
    | st.sampled_from(
        [b"<p>", b"<![", b"<meta charset=", b"utf-7", b"- ", b": ", b"{", b"}", b"[", b'"', b",",
         b"id", b"\n", b"\xff", b"\x00", "青".encode(), b"&a", b"*", b"|", b"#", b"(", b" ",
         b"2020-", b"11", b"5 November "]
    ),
    max_size=20,
).map(b"".join)  # fmt: skip
