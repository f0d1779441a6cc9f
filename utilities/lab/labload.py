# SPDX-License-Identifier: Apache-2.0
"""Traffic for the whole time of a scene: what "lab-net load" does.

Called by lab-net, whose sockets it uses.  Each line of the file LINES is a
stream:

  NAME new|keep NAMESPACE PROTOCOL ADDRESS PORT [EVERY]

"new" asks with a new connection (or UDP socket, and so from another port) at
each EVERY-th tick; "keep" keeps one connection (or UDP socket) open, on which
it asks at each EVERY-th tick, and over TCP the server sends by itself as well,
ten times a second.  A connection that nothing comes back on stays open, and
another one is opened beside it.  NAME is CLASS/REST; the report has a line for
each stream and then for each class.

Commands come as lines from the file CONTROL, a fifo, and are answered by lines
on standard output:

  round LABEL [EXCEPT...]  when each stream has had an answer to something that
                           it asked after this; but for those whose name begins
                           with one of EXCEPT.  It names those waited for.
  ticks LABEL N            when N more ticks have passed
  reset                    at once; forgets all gaps and numbers so far
  stop [EXCEPT...]         ends with the report
"""

import os
import selectors
import socket
import time

TIMEOUT = 8
SAY = 5
HOLD = b'stream\n'


class Stream:
    """What both kinds have in common: numbers, and what the answers were."""

    def __init__(self, words):
        self.name, _, self.namespace, self.protocol, self.address, port = \
            words[:6]
        self.port = int(port)
        self.every = int(words[6]) if len(words) > 6 else 1
        self.answers = {}
        self.answered = None
        self.fresh = 0          # When the newest answered question was asked.
        self.reset()

    def reset(self):
        """Forgets what was."""
        self.answers.clear()
        self.since = time.monotonic()
        self.gap = 0
        self.asked = self.lost = self.reconnects = 0

    def note(self, now, text, asked):
        """TEXT has come, an answer to what was asked at that time."""
        if self.answered is not None:
            self.gap = max(self.gap, now - self.answered)
        self.answered = now
        self.fresh = max(self.fresh, asked)
        self.answers[text] = self.answers.get(text, 0) + 1

    def result(self, now):
        """The line to print."""
        self.gap = max(self.gap, now - (self.answered or self.since))
        words = [self.name, '->', ', '.join(sorted(self.answers))
                 or 'no answer', f'{int(self.gap * 1000)} ms,',
                 f'{self.lost}/{self.asked} lost,',
                 f'{self.reconnects} reconnects']
        return ' '.join(words)


class New(Stream):
    """Asks with a new connection each time."""

    def __init__(self, words, probe):
        super().__init__(words)
        self.probe = probe
        self.line = ' '.join(words[2:6])
        self.open = {}

    def tick(self, selector, now):
        """Asks, and gives up what was asked too long ago."""
        for one in [p for p, t in self.open.items() if now > t + TIMEOUT]:
            self.close(selector, one)
            self.lost += 1
        self.asked += 1
        one = self.probe(self.line)
        if one.sock is None:
            self.lost += 1
            return
        self.open[one] = now
        selector.register(one.sock, selectors.EVENT_WRITE, (self, one))

    def close(self, selector, one):
        """Forgets a question."""
        selector.unregister(one.sock)
        one.sock.close()
        del self.open[one]

    def step(self, selector, one, now):
        """Goes on with a question."""
        if not one.step():
            selector.modify(one.sock, selectors.EVENT_READ, (self, one))
            return
        text = one.result().split(' -> ')[1]
        asked = self.open[one]
        self.close(selector, one)
        if text == 'no answer':
            self.lost += 1
        else:
            self.note(now, text, asked)

    def end(self, now):
        """What is not new and has no answer is lost."""
        self.lost += sum(now > asked + 1 for asked in self.open.values())


class Connection:
    """One that is kept."""

    def __init__(self, stream, enter, now):
        enter(stream.namespace)
        self.tcp = stream.protocol == 'tcp'
        self.sock = socket.socket(
            socket.AF_INET6 if ':' in stream.address else socket.AF_INET,
            socket.SOCK_STREAM if self.tcp else socket.SOCK_DGRAM)
        self.sock.setblocking(False)
        if self.tcp:
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.heard = now        # When something came last.
        self.opened = False
        self.data = b''
        self.text = None        # Who answers.
        self.asked = {}         # When each number was sent.
        self.count = 0
        try:
            self.sock.connect((stream.address, stream.port))
        except BlockingIOError:
            pass

    def send(self, now):
        """Asks once more; raises an error if there is no connection."""
        self.count += 1
        question = b'%d\n' % self.count
        if not self.opened and self.tcp:
            question = HOLD + question
        try:
            self.sock.send(question)
            self.opened = True
        except (BlockingIOError, BrokenPipeError) as error:
            if self.opened or not isinstance(error, BlockingIOError):
                raise
            self.count -= 1
            return
        except ConnectionRefusedError:
            if self.tcp:
                raise
        self.asked[self.count] = now

    def receive(self, stream, now):
        """Takes what has come; raises an error at the end."""
        try:
            data = self.sock.recv(65536)
        except BlockingIOError:
            return
        except ConnectionRefusedError:
            if self.tcp:
                raise
            return
        if self.tcp and not data:
            raise ConnectionResetError
        self.heard = now
        if not self.tcp:
            self.data = b''
        *lines, self.data = (self.data + data).split(b'\n')
        for line in lines:
            if b' saw ' in line:
                self.text = line.decode()
            elif line.isdigit() and int(line) in self.asked:
                stream.note(now, self.text, self.asked.pop(int(line)))


class Keep(Stream):
    """Keeps a connection open."""

    def __init__(self, words, enter):
        super().__init__(words)
        self.enter = enter
        self.now = None         # The newest connection.
        self.old = []

    def tick(self, selector, now):
        """Asks on all connections."""
        if self.now and now > self.now.heard + TIMEOUT:
            self.old.append(self.now)
            self.now = None
            self.reconnects += 1
        if not self.now:
            try:
                self.now = Connection(self, self.enter, now)
            except OSError:
                return
            selector.register(self.now.sock, selectors.EVENT_READ,
                              (self, self.now))
        for one in self.old + [self.now]:
            try:
                one.send(now)
                self.asked += 1
            except BlockingIOError:
                pass
            except OSError:
                self.drop(selector, one)

    def drop(self, selector, one):
        """A connection has ended."""
        selector.unregister(one.sock)
        one.sock.close()
        self.lost += len(one.asked)
        if one is self.now:
            self.now = None
            self.reconnects += 1
        else:
            self.old.remove(one)

    def step(self, selector, one, now):
        """Something has come on a connection."""
        try:
            one.receive(self, now)
        except OSError:
            self.drop(selector, one)

    def end(self, now):
        """What is not new and has no answer is lost."""
        for one in self.old + ([self.now] if self.now else []):
            self.lost += sum(now > asked + 1 for asked in one.asked.values())


class Load:
    """All streams, and what was commanded."""

    def __init__(self, lines, control, interval, probe, enter):
        self.streams = []
        for line in lines:
            words = line.split()
            if words and words[1] == 'new':
                self.streams.append(New(words, probe))
            elif words:
                self.streams.append(Keep(words, enter))
        self.interval = interval
        self.home = self.streams[0].namespace
        self.enter = enter
        self.selector = selectors.DefaultSelector()
        # Open for writing too, so that it never ends.
        self.control = os.open(control, os.O_RDWR | os.O_NONBLOCK)
        self.selector.register(self.control, selectors.EVENT_READ, None)
        self.ticks = 0
        self.waiting = []       # [LABEL, tick] or [LABEL, streams, when, said]
        self.stopped = False
        self.excluded = ()

    def command(self, words, now):
        """Does what a line says."""
        if words[0] == 'stop':
            self.stopped = True
            self.excluded = tuple(words[1:])
        elif words[0] == 'reset':
            for stream in self.streams:
                stream.reset()
        elif words[0] == 'ticks':
            self.waiting.append([words[1], self.ticks + int(words[2])])
        elif words[0] == 'round':
            streams = [s for s in self.streams
                       if not s.name.startswith(tuple(words[2:]))]
            self.waiting.append([words[1], streams, now, now])

    def answer_commands(self, now):
        """Says what has come true."""
        for one in self.waiting[:]:
            if len(one) == 2:
                if self.ticks >= one[1]:
                    print('ticks', one[0], flush=True)
                    self.waiting.remove(one)
                continue
            label, streams, when, said = one
            missing = [s.name for s in streams if s.fresh <= when]
            if not missing:
                print('round', label, flush=True)
                self.waiting.remove(one)
            elif now > said + SAY:
                print('waiting', label, *missing, flush=True)
                one[3] = now

    def tick(self, now):
        """Has all streams ask whose turn it is; not all at once."""
        for i, stream in enumerate(self.streams):
            if (self.ticks + i) % stream.every == 0:
                stream.tick(self.selector, now)
        # Not one of a node that may be stopped with all its processes.
        self.enter(self.home)
        self.ticks += 1

    def run(self):
        """Until it is stopped."""
        print('running', flush=True)
        following = time.monotonic()
        while not self.stopped:
            now = time.monotonic()
            if now >= following:
                # What could not be done in time is not made up for.
                following = max(following + self.interval, now)
                self.tick(now)
                self.answer_commands(now)
            rest = max(0, following - time.monotonic())
            for key, _ in self.selector.select(rest):
                now = time.monotonic()
                if key.data is None:
                    for line in os.read(self.control, 65536).splitlines():
                        self.command(line.decode().split(), now)
                else:
                    key.data[0].step(self.selector, key.data[1], now)

    def report(self):
        """Prints what came of it."""
        now = time.monotonic()
        print('report of', self.ticks, 'ticks')
        for stream in self.streams:
            stream.end(now)
            print(stream.result(now))
        counted = [s for s in self.streams
                   if not s.name.startswith(self.excluded)]
        for name in sorted({s.name.split('/')[0] for s in counted}):
            all_of = [s for s in counted if s.name.split('/')[0] == name]
            print('class', name, int(max(s.gap for s in all_of) * 1000),
                  'ms', f'{sum(s.lost for s in all_of)}/'
                  f'{sum(s.asked for s in all_of)} lost',
                  sum(s.reconnects for s in all_of), 'reconnects')
        print('end')
