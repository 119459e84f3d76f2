// Stands between a process and its C library (LD_PRELOAD): lets fsync fail or lie, and moves the wall clock. What it does is
// read from a file that the test writes while the process runs.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

struct control {
  int64_t sync_mode;      // 0: works, 1: fails with EIO, 2: reports success and does nothing
  int64_t clock_seconds;  // added to the wall clock
  int64_t failed_syncs;   // how many were refused
};

static struct control *control;
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_clock_gettime)(clockid_t, struct timespec *);
static int (*real_gettimeofday)(struct timeval *, void *);

__attribute__((constructor)) static void begin(void) {
  real_fsync = dlsym(RTLD_NEXT, "fsync");
  real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
  real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
  real_gettimeofday = dlsym(RTLD_NEXT, "gettimeofday");
  const char *path = getenv("FAULT_CONTROL");
  if (path == NULL) return;
  int file = open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) return;
  void *shared = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (shared != MAP_FAILED) control = shared;
}

static int synchronize(int file, int (*real)(int)) {
  if (control != NULL && control->sync_mode == 1) {
    __atomic_add_fetch(&control->failed_syncs, 1, __ATOMIC_SEQ_CST);
    errno = EIO;
    return -1;
  }
  if (control != NULL && control->sync_mode == 2) return 0;
  return real(file);
}

int fsync(int file) { return synchronize(file, real_fsync); }
int fdatasync(int file) { return synchronize(file, real_fdatasync); }

int clock_gettime(clockid_t clock, struct timespec *at) {
  int result = real_clock_gettime(clock, at);
  if (control != NULL && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) at->tv_sec += control->clock_seconds;
  return result;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone) {
  int result = real_gettimeofday(at, zone);
  if (control != NULL) at->tv_sec += control->clock_seconds;
  return result;
}

time_t time(time_t *at) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (at != NULL) *at = now.tv_sec;
  return now.tv_sec;
}
