"""The tutorial as one web page that needs nothing else: style sheet and pictures are inside."""

import re
from collections.abc import Iterable, Sequence
from html import escape

from actcli.cli.tutorial import curves_svg
from actcli.cli.tutorial.blocks import (
    Bars,
    Block,
    Code,
    Formula,
    Heading,
    Paragraph,
    Plot,
    Points,
    Run,
    Section,
    Terms,
    marks,
    summary,
)

_CONTROL = re.compile("\x1b\\[[0-9;]*m")
_STYLE = """
:root { color-scheme: light dark; --text: #1c2126; --page: #ffffff; --soft: #5a646e; --line: #d9dee3; --code: #f3f5f7;
  --link: #0b5cad; --value: #0072b2; --slope: #c24d00; --good: #17703a; --bad: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e4e8ec; --page: #14181c; --soft: #a3adb7; --line: #343c44; --code: #1f252b;
    --link: #7cb8f5; --value: #56b4e9; --slope: #f0a04b; --good: #6fcf97; --bad: #ff8a80; }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0 auto; padding: 1rem; max-width: 46rem; background: var(--page); color: var(--text);
  font: 1.0625rem/1.6 system-ui, sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.7rem; line-height: 1.25; }
h2 { font-size: 1.35rem; line-height: 1.3; margin: 3rem 0 1rem; padding-top: 1rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.1rem; margin: 2rem 0 0.5rem; }
a { color: var(--link); }
code, pre { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: 0.875rem; }
code { display: inline-block; max-width: 100%; background: var(--code); border-radius: 0.25rem; padding: 0 0.3em; }
pre { background: var(--code); border-radius: 0.5rem; padding: 0.75rem 1rem; margin: 0.75rem 0; overflow-x: auto;
  line-height: 1.35; }
pre code { display: inline; background: none; padding: 0; font-size: inherit; }
pre.python { border-left: 3px solid var(--line); }
pre.formula { background: none; padding: 0; font-size: 1rem; white-space: pre-wrap; }
.prompt { color: var(--soft); user-select: none; -webkit-user-select: none; }
.command { font-weight: 600; white-space: pre-wrap; }
.option { white-space: pre; }
.mark { margin: -0.4rem 0 1rem; font-size: 0.9rem; }
.ok, .good::marker { color: var(--good); }
.different, .bad::marker { color: var(--bad); }
.good { list-style: "+  "; }
.bad { list-style: "\\2212  "; }
ul { padding-left: 1.5rem; }
li { padding-left: 0.25rem; }
dt { font-weight: 600; margin-top: 0.75rem; }
dd { margin: 0 0 0 1rem; }
svg { display: block; width: 100%; max-width: 36rem; height: auto; margin: 1rem 0; }
svg text { fill: var(--text); font: 15px system-ui, sans-serif; }
svg path { fill: none; stroke: var(--line); stroke-width: 1; }
svg .axis { stroke: var(--soft); }
svg .value { stroke: var(--value); stroke-width: 3; }
svg .slope { stroke: var(--slope); stroke-width: 3; stroke-dasharray: 8 5; }
svg .bar { fill: var(--value); }
@media (max-width: 30rem) { pre { font-size: 0.8rem; } svg text { font-size: 19px; } }
"""


def write(title: str, preface: Iterable[Block], sections: Sequence[Section]) -> str:
    """Return the page in HTML."""
    body = [f"<h1>{escape(title)}</h1>", *(_element(block, "") for block in preface)]
    if len(sections) > 1:
        links = (f'<li><a href="#{section.name}">{escape(section.title)}</a></li>' for section in sections)
        body += ['<nav aria-label="Sections"><ol>', *links, "</ol></nav>"]
    body += ["<main>", *(_section(section) for section in sections)]
    if len(sections) > 1:
        body.append(f"<p>{escape(summary(marks(sections)))}</p>")
    lines = [
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title>",
        f"<style>{_STYLE}</style>",
        "</head>",
        "<body>",
        *body,
        "</main>",
        "</body>",
        "</html>",
    ]
    return "\n".join(lines) + "\n"


def _section(section: Section) -> str:
    blocks = (_element(block, f"{section.name}-{i}") for i, block in enumerate(section.blocks))
    return "\n".join([f'<section id="{section.name}">', f"<h2>{escape(section.title)}</h2>", *blocks, "</section>"])


def _element(block: Block, identifier: str) -> str:
    """Return a block as an element; ``identifier`` is its own on the page."""
    match block:
        case Paragraph():
            element = f"<p>{_inline(block.text)}</p>"
        case Heading():
            element = f"<h3>{escape(block.text)}</h3>"
        case Formula():
            lines = (f"{defined} = {expression}" for defined, expression in block.definitions)
            element = f'<pre class="formula" tabindex="0">{escape(chr(10).join(lines))}</pre>'
        case Terms():
            element = _terms(block)
        case Points():
            element = _points(block)
        case Code():
            element = f'<pre class="python" tabindex="0"><code>{escape(block.text)}</code></pre>'
        case Run():
            element = _run(block)
        case Plot():
            element = curves_svg.draw_curves(block, identifier)
        case Bars():
            element = curves_svg.draw_bars(block, identifier)
    return element


def _inline(text: str) -> str:
    """Return text with code between backticks as HTML."""
    return re.sub("`([^`]*)`", r"<code>\1</code>", escape(text, quote=False))


def _terms(terms: Terms) -> str:
    entries = (f"<dt>{_inline(term)}</dt>\n<dd>{_inline(text)}</dd>" for term, text in terms.entries)
    return "\n".join(["<dl>", *entries, "</dl>"])


def _points(points: Points) -> str:
    items = [f'<li class="good">{_inline(text)}</li>' for text in points.good]
    items += [f'<li class="bad">{_inline(text)}</li>' for text in points.bad]
    return "\n".join(["<ul>", *items, "</ul>"])


def _run(run: Run) -> str:
    words = re.sub(r"--\S+(?: [^-]\S*)?", r'<span class="option">\g<0></span>', escape(run.command))
    prompt, command = '<span class="prompt">$ </span>', f'<span class="command">{words}</span>'
    output = _CONTROL.sub("", run.output)  # a forced colour
    element = f'<pre tabindex="0"><code>{prompt}{command}\n{escape(output)}</code></pre>'
    if run.mark is None:
        return element
    kind = "ok" if run.mark.holds else "different"
    return f'{element}\n<p class="mark {kind}">{escape(run.mark.text)}</p>'
