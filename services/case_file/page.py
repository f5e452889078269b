"""The file of a case as one HTML page that needs nothing else, and prints well. Pure."""

from html import escape

from services.case_file.document import Block, Document, Grid, Heading, Pairs, Paragraph, Pictures, Section, Signatures

_STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.7 "Noto Serif SC", "Source Han Serif SC", SimSun, serif; max-width: 52rem; margin: 0 auto;
       padding: 2rem 1.5rem; color: #1a1a1a; }
h1 { text-align: center; font-size: 2rem; margin: 2rem 0 .5rem; letter-spacing: .1em; }
h2 { font-size: 1.4rem; border-bottom: 2px solid #1a1a1a; padding-bottom: .3rem; margin-top: 3rem; }
h3 { font-size: 1.1rem; margin: 1.6rem 0 .4rem; }
nav ol { columns: 2; } nav a { color: inherit; }
p { white-space: pre-wrap; overflow-wrap: anywhere; } .small, .subtitle { color: #555; font-size: .9rem; }
table { border-collapse: collapse; width: 100%; margin: .6rem 0 1.2rem; table-layout: fixed; }
th, td { border: 1px solid #999; padding: .35rem .55rem; text-align: left; vertical-align: top; white-space: pre-wrap;
         overflow-wrap: anywhere; }
th { background: #f3f3f0; font-weight: 600; } .pairs th { width: 9rem; }
code { font: .8rem/1.5 ui-monospace, Menlo, Consolas, monospace; }
.pictures { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; } figure { margin: 0; }
figure img { width: 100%; border: 1px solid #ccc; } figcaption { font-size: .85rem; color: #555; }
.signature { display: flex; align-items: end; gap: 1rem; margin: 1rem 0; }
.signature span { flex: 1; border-bottom: 1px solid #1a1a1a; min-height: 3.5rem; }
.signature img { max-height: 3.5rem; }
.seal { text-align: center; padding: .8rem; border: 2px solid #2d6a3f; margin: 1.5rem 0; }
.seal.bad { border-color: #b3261e; }
@media print { body { padding: 0; } section { break-before: page; } tr, figure { break-inside: avoid; } }
"""


def page(document: Document) -> str:
    """The HTML of the file; everything that others wrote is escaped."""
    index = "".join(
        f'<li><a href="#s{number}">{escape(section.title)}</a></li>'
        for number, section in enumerate(document.sections, 1)
    )
    sections = "".join(_section(number, section) for number, section in enumerate(document.sections, 1))
    bad = " bad" if document.seal.startswith("✗") else ""
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src 'self' data:; "
        "style-src 'unsafe-inline'\">"
        f"<title>{escape(document.title)} {escape(document.number)}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{escape(document.title)}</h1>{_pairs(document.cover)}"
        f'<div class="seal{bad}">{escape(document.seal)}</div>'
        f"<nav><h2>卷内目录</h2><ol>{index}</ol></nav>{sections}</body></html>\n"
    )


def _section(number: int, section: Section) -> str:
    subtitle = f'<p class="subtitle">{escape(section.subtitle)}</p>' if section.subtitle else ""
    blocks = "".join(map(_block, section.blocks))
    return f'<section id="s{number}"><h2>{number}　{escape(section.title)}</h2>{subtitle}{blocks}</section>'


def _block(block: Block) -> str:
    match block:
        case Paragraph():
            return f"<p{' class=small' if block.small else ''}>{escape(block.text)}</p>"
        case Heading():
            return f"<h3>{escape(block.text)}</h3>"
        case Pairs():
            return _pairs(block.rows)
        case Grid():
            return _grid(block)
        case Pictures():
            return f'<div class="pictures">{"".join(_figure(one.path, one.caption) for one in block.pictures)}</div>'
        case Signatures():
            return "".join(
                f'<div class="signature">{escape(line.label)}：'
                f"<span>{_image(line.path, line.label) if line.path else ''}</span>{escape(line.at)}</div>"
                for line in block.lines
            )


def _pairs(rows: list[tuple[str, str]]) -> str:
    lines = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in rows)
    return f'<table class="pairs">{lines}</table>'


def _grid(grid: Grid) -> str:
    columns = "".join(f'<col style="width:{share:.0%}">' for share in grid.widths)
    header = "".join(f"<th>{escape(name)}</th>" for name in grid.header)
    rows = "".join(
        f"<tr>{''.join(_cell(cell, code=place in grid.code) for place, cell in enumerate(row))}</tr>"
        for row in grid.rows
    )
    return f"<table><colgroup>{columns}</colgroup><thead><tr>{header}</tr></thead><tbody>{rows}</tbody></table>"


def _cell(text: str, *, code: bool) -> str:
    return f"<td><code>{escape(text)}</code></td>" if code else f"<td>{escape(text)}</td>"


def _figure(path: str, caption: str) -> str:
    return f"<figure>{_image(path, caption)}<figcaption>{escape(caption)}</figcaption></figure>"


def _image(path: str, text: str) -> str:
    return f'<img src="{escape(path, quote=True)}" alt="{escape(text, quote=True)}">'
