# SPDX-License-Identifier: Apache-2.0
"""Values that people and programs want to see differently.

Tables show the human form; JSON, YAML, CSV and shell get the exact value.
"""

from typing import Any

from cliff import columns

from aegisclient.osc import lanes, times

_BINARY_UNITS = ('B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB')


class Time(columns.FormattableColumn[str | None]):
    """An ISO 8601 time; people also get its age."""

    def human_readable(self) -> str:
        if not self._value:
            return ''
        moment = times.parse(self._value)
        age = times.duration((times.now() - moment).total_seconds())
        return f'{times.stamp(moment)} ({age} ago)'


class Duration(columns.FormattableColumn[float | None]):
    """Seconds."""

    def human_readable(self) -> str:
        return '' if self._value is None else times.duration(self._value)


class Size(columns.FormattableColumn[int | None]):
    """Bytes."""

    def human_readable(self) -> str:
        if self._value is None:
            return ''
        size = float(self._value)
        for unit in _BINARY_UNITS:
            if size < 1024 or unit == _BINARY_UNITS[-1]:
                break
            size /= 1024
        return f'{size:.0f} {unit}' if unit == 'B' else f'{size:.1f} {unit}'


class YesNo(columns.FormattableColumn[bool | None]):
    """A boolean; None is something nobody has looked at yet."""

    def human_readable(self) -> str:
        if self._value is None:
            return 'unknown'
        return 'yes' if self._value else 'no'


class Mappings(columns.FormattableColumn[list[dict[str, str]]]):
    """What stands for what at the other site, one per line."""

    def human_readable(self) -> str:
        return '\n'.join(
            '{resource_type}: {source} -> {target}'.format(**mapping)
            for mapping in self._value or ()
        )


class Volumes(columns.FormattableColumn[list[dict[str, Any]]]):
    """Volumes of a placement; people get names and sizes."""

    def human_readable(self) -> str:
        return '\n'.join(
            f'{volume["name"] or volume["volume_id"]} '
            f'({volume["size_gib"]} GiB)'
            for volume in self._value or ()
        )


class Ports(columns.FormattableColumn[list[dict[str, Any]]]):
    """Ports of a placement; people get addresses."""

    def human_readable(self) -> str:
        return '\n'.join(_addresses(port) for port in self._value or ())


class Placements(columns.FormattableColumn[list[dict[str, Any]]]):
    """Servers by site."""

    def human_readable(self) -> str:
        return '\n'.join(
            f'{placement["site"]}: {placement["server_id"] or "-"}'
            for placement in self._value or ()
        )


class Lanes(columns.FormattableColumn[list[dict[str, Any]]]):
    """The lanes of an operation, one per line."""

    def human_readable(self) -> str:
        return lanes.table(lanes.rows(self._value or ()))


class Steps(columns.FormattableColumn[list[dict[str, Any]]]):
    """The steps of all lanes, one per line."""

    def human_readable(self) -> str:
        return lanes.table(lanes.step_rows(self._value or ()))


class Leftovers(columns.FormattableColumn[list[dict[str, Any]]]):
    """What a revert could not remove, one per line."""

    def human_readable(self) -> str:
        return '\n'.join(lanes.leftover(thing) for thing in self._value or ())


class Document(columns.FormattableColumn[dict[str, Any]]):
    """A mapping; people get one line per key."""

    def human_readable(self) -> str:
        return '\n'.join(_document_lines(self._value or {}))


def _addresses(port: dict[str, Any]) -> str:
    fixed = ', '.join(port['fixed_ips'])
    floating = port.get('floating_ip')
    return f'{fixed} ({floating})' if floating else fixed


def _document_lines(value: Any, prefix: str = '') -> list[str]:
    if isinstance(value, dict):
        return [
            line
            for key, inner in value.items()
            for line in _document_lines(
                inner, f'{prefix}.{key}' if prefix else str(key)
            )
        ]
    if isinstance(value, list) and any(
        isinstance(inner, dict | list) for inner in value
    ):
        return [
            line
            for index, inner in enumerate(value)
            for line in _document_lines(inner, f'{prefix}[{index}]')
        ]
    if isinstance(value, list):
        value = ', '.join(str(inner) for inner in value)
    return [f'{prefix}: {value}']
