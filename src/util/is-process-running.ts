/** Whether a process of this machine still runs, also as another user. */
export function isProcessRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as another user. ESRCH: it does not.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
