# SPDX-License-Identifier: Apache-2.0
"""Every flow, disturbed at every point of it, ends as it should.

Whatever is registered in ``aegis.flows`` is taken through two matrices:
nothing here names a flow, a step or a call. A clean run of a flow tells
which points it passes and which calls it makes; each of them is a case.

In the crash matrix (``crash``) engines are killed and stalled. A case is
right when clouds, arrays and database look as after the clean run.

In the fault matrix (``faults``) a call fails: in each of several ways, once,
three times and for ever. What is right then is in ``verdict``.

Engines are processes that get real signals; the clouds are emulated over
HTTP and the arrays simulated, all in processes of their own.
"""
