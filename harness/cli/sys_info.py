"""`harness sys-info`: what the bits of a result depend on."""

from __future__ import annotations

from typing import Any

import click

from harness.cli._console import print_json, print_table
from harness.cli._native import quiet_import
from harness.cli._options import debug_option, examples, format_option


@click.command(
    "sys-info",
    epilog=examples("python -m harness sys-info", "python -m harness sys-info --devices --format json"),
)
@click.option("--devices", is_flag=True, help="Load Keras and list the devices it can compute on.")
@format_option("table", "json", "md")
@debug_option
@click.pass_context
def command(ctx: click.Context, devices: bool, output: str) -> None:
    """Show versions, processor, threads, memory and the environment variables that steer numerical libraries.

    Two machines that agree in all of it give the same bits.
    """
    from harness.environment import capture
    from harness.report.facts import facts_table

    facts = capture()
    if devices:
        facts["devices"] = _devices(show=ctx.obj.debug)
    if output == "json":
        print_json(facts)
    else:
        print_table(facts_table(facts), output)


def _devices(*, show: bool) -> list[Any]:
    """The devices of Keras' backend, such as "cpu:0"."""
    with quiet_import("tensorflow", show=show):
        import keras

        return list(keras.distribution.list_devices())
