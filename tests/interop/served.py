"""`farthing serve` as a child process, on one TCP port and one Unix socket for everything."""

import re
import signal
import subprocess
import threading

READY_WITHIN = 30


class Farthing:
    """`address["tcp"]` is a port, `address["unix"]` a path. TLS is told apart on the TCP port."""

    def __init__(self, binary, folder):
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "farthing.sock"
        path.unlink(missing_ok=True)
        options = ["--listen", "127.0.0.1:0=conformance", "--listen", f"unix:{path}=conformance"]
        self.ca = None
        if "--tls-cert" in subprocess.run([binary, "serve", "--help"], capture_output=True, text=True).stdout:
            certificate, key = make_certificate(folder)
            options += ["--tls-cert", str(certificate), "--tls-key", str(key)]
            self.ca = certificate
        self.log = folder / "farthing.log"
        self._process = subprocess.Popen(
            [binary, "serve", *options], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace"
        )
        self.address = {"unix": str(path)}
        self._ready = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()
        if not self._ready.wait(READY_WITHIN) or "tcp" not in self.address:
            self.stop()
            raise RuntimeError(f"farthing does not listen:\n{self.log.read_text()}")

    def _read(self):
        """Keeps what it says, so that its pipe never fills."""
        listening = 0
        with self.log.open("w") as log:
            for line in self._process.stderr:
                log.write(line)
                log.flush()
                if match := re.search(r"listening on (\S+)", line):
                    listening += 1
                    if port := re.fullmatch(r"127\.0\.0\.1:(\d+)", match.group(1)):
                        self.address["tcp"] = int(port.group(1))
                    if listening == 2:
                        self._ready.set()
        self._ready.set()

    @property
    def alive(self):
        return self._process.poll() is None

    def stop(self):
        """Ends it in an orderly way; its exit code."""
        if self.alive:
            self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(READY_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


def make_certificate(folder):
    """A certificate for 127.0.0.1 and localhost that signs itself, and its key."""
    certificate, key = folder / "server.crt", folder / "server.key"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30"]
    names = "subjectAltName=IP:127.0.0.1,DNS:localhost"
    command += ["-subj", "/CN=localhost", "-addext", names, "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key
