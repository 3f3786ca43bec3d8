# SPDX-License-Identifier: Apache-2.0
"""Every flow, interrupted at every point of it, ends the same.

Whatever is registered in ``aegis.flows`` is taken through the crash matrix:
nothing here names a flow, a step or a call. A clean run of a flow tells
which points it passes and which calls it makes; each of them is a case. A
case is right when clouds, arrays and database look as after the clean run.

Engines are processes that get real signals; the clouds are emulated over
HTTP and the arrays simulated, all in processes of their own.
"""
