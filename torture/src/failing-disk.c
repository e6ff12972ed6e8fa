// Preloaded into a process: makes writes or syncs of files below FAILING_DISK_UNDER fail with EIO, as a dying disk does,
// for as long as the file FAILING_DISK_FLAG is there. It holds 'w' (writes fail) or 's' (syncs fail).
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static int fails(int fd, char what) {
  const char *flag = getenv("FAILING_DISK_FLAG"), *under = getenv("FAILING_DISK_UNDER");
  if (flag == NULL || under == NULL) return 0;
  int file = open(flag, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  char mode = 0;
  ssize_t got = read(file, &mode, 1);
  close(file);
  if (got != 1 || mode != what) return 0;
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path);
  size_t prefix = strlen(under);
  if (length < 0 || (size_t)length < prefix || memcmp(path, under, prefix) != 0) return 0;
  errno = EIO;
  return 1;
}

#define FAILING(type, name, what, parameters, arguments)                       \
  type name parameters {                                                       \
    static type(*real) parameters;                                             \
    if (fails(fd, what)) return -1;                                            \
    if (real == NULL) *(void **)&real = dlsym(RTLD_NEXT, #name);               \
    return real arguments;                                                     \
  }

FAILING(ssize_t, write, 'w', (int fd, const void *bytes, size_t count), (fd, bytes, count))
FAILING(ssize_t, pwrite, 'w', (int fd, const void *bytes, size_t count, off_t at), (fd, bytes, count, at))
FAILING(ssize_t, pwrite64, 'w', (int fd, const void *bytes, size_t count, off64_t at), (fd, bytes, count, at))
FAILING(ssize_t, writev, 'w', (int fd, const struct iovec *parts, int count), (fd, parts, count))
FAILING(ssize_t, pwritev, 'w', (int fd, const struct iovec *parts, int count, off_t at), (fd, parts, count, at))
FAILING(ssize_t, pwritev64, 'w', (int fd, const struct iovec *parts, int count, off64_t at), (fd, parts, count, at))
FAILING(int, fsync, 's', (int fd), (fd))
FAILING(int, fdatasync, 's', (int fd), (fd))
