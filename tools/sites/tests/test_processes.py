# SPDX-License-Identifier: Apache-2.0
import dataclasses
import json
import os
import subprocess
import sys
import unittest

from sites import processes
from sites.tests import fixtures

# A parent with a child in a session of its own, both deaf to SIGTERM.
STUBBORN = (
    'import os, signal, subprocess, sys;'
    'signal.signal(signal.SIGTERM, signal.SIG_IGN);'
    'child = subprocess.Popen(["sleep", "60"], start_new_session=True,'
    ' preexec_fn=lambda: signal.signal(signal.SIGTERM, signal.SIG_IGN));'
    'print(child.pid, flush=True);'
    'child.wait()'
)


# The first thread ends, another one lives on.
HEADLESS = (
    'import ctypes, os, threading, time;'
    'threading.Thread(target=time.sleep, args=(60,)).start();'
    'print(os.getpid(), flush=True);'
    'ctypes.CDLL(None).pthread_exit(None)'
)


class SupervisorTest(unittest.TestCase):
    def setUp(self) -> None:
        self.root = fixtures.temporary_directory(self)
        self.supervisor = processes.Supervisor(self.root, self.root)
        self.addCleanup(
            lambda: self.supervisor.stop(self.supervisor.all(), patience=0)
        )

    def program(self, *command: str, version: str = '') -> processes.Program:
        return processes.Program(
            'east',
            'x',
            command or ('/bin/sleep', '60'),
            (),
            self.root / 'x.log',
            version=version,
        )

    def record(self) -> processes.Record:
        record = self.supervisor.record('east', 'x')
        assert record is not None
        return record

    def test_a_running_program_is_not_started_again(self) -> None:
        self.assertTrue(self.supervisor.ensure(self.program()))
        pid = self.record().pid
        self.assertFalse(self.supervisor.ensure(self.program()))
        self.assertEqual(pid, self.record().pid)

    def test_a_changed_program_is_restarted(self) -> None:
        self.supervisor.ensure(self.program())
        pid = self.record().pid
        self.assertTrue(self.supervisor.ensure(self.program(version='2')))
        self.assertNotEqual(pid, self.record().pid)

    def test_a_killed_program_is_stopped_and_started_again(self) -> None:
        self.supervisor.ensure(self.program())
        os.kill(self.record().pid, 9)
        os.waitid(os.P_PID, self.record().pid, os.WEXITED | os.WNOWAIT)
        self.assertEqual(
            processes.STOPPED, self.supervisor.state(self.record())
        )
        self.assertTrue(self.supervisor.ensure(self.program()))

    def test_a_frozen_program_goes_on_when_thawed(self) -> None:
        self.supervisor.ensure(self.program())
        self.supervisor.freeze([self.record()])
        os.waitpid(self.record().pid, os.WUNTRACED)
        self.assertEqual(
            processes.FROZEN, self.supervisor.state(self.record())
        )
        self.supervisor.thaw([self.record()])
        os.waitpid(self.record().pid, os.WCONTINUED)
        self.assertEqual(
            processes.RUNNING, self.supervisor.state(self.record())
        )

    def test_a_frozen_program_can_be_stopped(self) -> None:
        self.supervisor.ensure(self.program())
        record = self.record()
        self.supervisor.freeze([record])
        self.supervisor.stop([record], patience=5)
        self.assertIsNone(processes.read_status(record.pid))

    def test_stop_ends_deaf_children_outside_the_session_too(self) -> None:
        reader, writer = os.pipe()
        with os.fdopen(reader) as stream:
            program = dataclasses.replace(
                self.program(sys.executable, '-c', STUBBORN),
                log=self.root / f'/proc/self/fd/{writer}',
            )
            self.supervisor.ensure(program)
            os.close(writer)
            child = int(stream.readline())
            self.supervisor.stop([self.record()], patience=0.1)
        status = processes.read_status(child)
        self.assertTrue(status is None or not status.is_alive)

    def test_a_process_without_its_first_thread_still_lives(self) -> None:
        with subprocess.Popen(
            [sys.executable, '-c', HEADLESS], stdout=subprocess.PIPE
        ) as process:
            self.addCleanup(process.kill)
            assert process.stdout is not None
            process.stdout.readline()
            status = processes.read_status(process.pid)
            while status is not None and status.state != 'Z':
                status = processes.read_status(process.pid)
            assert status is not None
            self.assertTrue(status.is_alive)
            process.kill()

    def test_a_pid_that_was_given_to_another_is_not_touched(self) -> None:
        stranger = subprocess.Popen(['sleep', '60'], start_new_session=True)
        self.addCleanup(stranger.wait)
        self.addCleanup(stranger.kill)
        status = processes.read_status(stranger.pid)
        assert status is not None
        record = processes.Record(
            'east', 'x', stranger.pid, status.started - 1, '', '', ''
        )
        (self.root / 'east.x.json').write_text(
            json.dumps(dataclasses.asdict(record))
        )
        self.assertFalse(self.supervisor.is_running('east', 'x'))
        self.supervisor.stop([record])
        self.assertIsNone(stranger.poll())

    def test_a_stopped_program_is_forgotten(self) -> None:
        self.supervisor.ensure(self.program())
        self.supervisor.stop(self.supervisor.all())
        self.assertEqual([], self.supervisor.all())

    def test_services_do_not_see_the_callers_settings(self) -> None:
        os.environ['OS_AUTH_URL'] = 'http://elsewhere'
        self.addCleanup(os.environ.pop, 'OS_AUTH_URL')
        self.supervisor.ensure(self.program())
        with open(f'/proc/{self.record().pid}/environ') as stream:
            self.assertNotIn('OS_AUTH_URL', stream.read())
