//! Child processes that end with their test, however it ends.

use rustix::process::{Pid, Signal, kill_process};
use std::{
    io,
    process::{Child, Command, ExitStatus},
    thread,
    time::Duration,
};

/// How often to look whether a child has gone, and how many times before it is killed: five seconds.
const LOOK: (Duration, u32) = (Duration::from_millis(10), 500);

/// The children of one test. Each is ended by its own process id: asked with SIGTERM, and killed when it
/// does not follow.
#[derive(Debug, Default)]
pub struct Processes {
    children: Vec<Child>,
}

impl Processes {
    /// Starts a child and keeps it. Its process id names it from now on.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn spawn(&mut self, command: &mut Command) -> io::Result<&mut Child> {
        self.children.push(command.spawn()?);
        self.children.last_mut().ok_or_else(|| io::Error::other("no child"))
    }

    /// SIGKILL to one child, as a crash would, and its exit status. `None` if it is not one of these.
    ///
    /// # Errors
    /// It cannot be waited for.
    pub fn kill(&mut self, id: u32) -> io::Result<Option<ExitStatus>> {
        let Some(mut child) = self.take(id) else { return Ok(None) };
        child.kill()?;
        child.wait().map(Some)
    }

    /// SIGTERM to one child, and its exit status when it has gone. `None` if it is not one of these.
    ///
    /// # Errors
    /// It cannot be waited for.
    pub fn end(&mut self, id: u32) -> io::Result<Option<ExitStatus>> {
        let Some(mut child) = self.take(id) else { return Ok(None) };
        ask(&child);
        gone(&mut child).map(Some)
    }

    fn take(&mut self, id: u32) -> Option<Child> {
        let place = self.children.iter().position(|child| child.id() == id)?;
        Some(self.children.swap_remove(place))
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        self.children.iter().for_each(ask);
        for child in &mut self.children {
            let _ = gone(child);
        }
    }
}

/// SIGTERM. A child that was not waited for keeps its process id, so nobody else is hit.
fn ask(child: &Child) {
    if let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, Signal::TERM);
    }
}

fn gone(child: &mut Child) -> io::Result<ExitStatus> {
    let (pause, times) = LOOK;
    for _ in 0..times {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        thread::sleep(pause);
    }
    child.kill()?;
    child.wait()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;

    #[test]
    fn a_child_ends_by_request_or_by_force() {
        let mut processes = Processes::default();
        let asked = processes.spawn(Command::new("sleep").arg("600")).unwrap().id();
        let forced = processes.spawn(Command::new("sleep").arg("600")).unwrap().id();
        assert_eq!(processes.end(asked).unwrap().unwrap().signal(), Some(15));
        assert_eq!(processes.kill(forced).unwrap().unwrap().signal(), Some(9));
        assert!(processes.end(asked).unwrap().is_none());
    }

    #[test]
    fn dropping_leaves_nobody() {
        let mut processes = Processes::default();
        let id = processes.spawn(Command::new("sleep").arg("600")).unwrap().id();
        drop(processes);
        let pid = Pid::from_raw(i32::try_from(id).unwrap()).unwrap();
        assert!(rustix::process::test_kill_process(pid).is_err());
    }
}
