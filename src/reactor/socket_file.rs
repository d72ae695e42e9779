//! The file of a Unix socket: claimed without stealing it from a live server, and removed only while it is still ours.

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use socket2::{Domain, SockAddr, Socket, Type};

/// The longest path that fits a socket address, without its closing NUL.
const PATH_MAX: usize = 107;
/// How often, and after which pauses, a folder's turn is asked for. Whoever may read the folder may keep it, so that it is done without
/// in the end.
const TURN_TRIES: usize = 100;
const TURN_PAUSE: Duration = Duration::from_millis(10);

/// Our name in the file system; dropping it removes the file if that is still the one we made.
#[derive(Debug)]
pub(super) struct SocketFile {
    path: PathBuf,
    identity: (u64, u64),
}

impl SocketFile {
    /// Binds a socket there and sets its permissions; nobody can connect before it listens.
    pub(super) fn bind(path: &Path, mode: u32) -> io::Result<(Socket, Self)> {
        check_length(path)?;
        let socket = Socket::new(Domain::UNIX, Type::STREAM.nonblocking(), None)?;
        let address = SockAddr::unix(path)?;
        if let Err(error) = socket.bind(&address) {
            if error.kind() != io::ErrorKind::AddrInUse || !is_stale(path) {
                return Err(error);
            }
            fs::remove_file(path)?;
            socket.bind(&address)?;
        }
        let file = SocketFile { path: path.to_owned(), identity: identity(path)? };
        fs::set_permissions(path, fs::Permissions::from_mode(mode))?;
        Ok((socket, file))
    }
}

/// One's turn in the folder of a socket, until it is dropped. A socket that is bound and does not listen yet looks like one that a
/// dead server left, and what looked dead may be another's a moment later: finding out, binding and listening are one step.
pub(super) fn turn(path: &Path) -> Option<File> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = File::open(folder).ok()?;
    for _ in 0..TURN_TRIES {
        match folder.try_lock() {
            Ok(()) => return Some(folder),
            Err(TryLockError::WouldBlock) => thread::sleep(TURN_PAUSE),
            Err(TryLockError::Error(_)) => return None,
        }
    }
    None
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let _turn = turn(&self.path);
        if identity(&self.path).is_ok_and(|now| now == self.identity) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn check_length(path: &Path) -> io::Result<()> {
    let length = path.as_os_str().len();
    if length == 0 || length > PATH_MAX {
        let text = format!("a Unix socket's path has 1 to {PATH_MAX} bytes, this one {length}");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
    }
    Ok(())
}

/// Whether a socket's file is there and nobody listens behind it.
fn is_stale(path: &Path) -> bool {
    let is_socket = fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket());
    is_socket && UnixStream::connect(path).is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    fs::symlink_metadata(path).map(|found| (found.dev(), found.ino()))
}
