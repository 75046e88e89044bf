/*
 * The client of bench/bridge: one phase of work in a mount, done by some processes at once; prints operations (or MiB)
 * per second, and the microseconds of CPU time that all of them took.   ./workload PHASE FOLDER COUNT CLIENTS
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 1 << 20, SMALL = 4096 };

static char block[BLOCK];

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void fail(const char *what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

static void do_stat(const char *name) {
  struct stat attributes;
  if (stat(name, &attributes) < 0) fail("stat");
}

static void do_create(const char *name) {
  const int fd = open(name, O_CREAT | O_WRONLY | O_EXCL, 0644);
  if (fd < 0) fail("create");
  if (write(fd, block, 1024) != 1024) fail("write");
  close(fd);
}

static void do_open_read(const char *name) {
  const int fd = open(name, O_RDONLY);
  if (fd < 0) fail("open");
  if (pread(fd, block, 1024, 0) < 0) fail("read");
  close(fd);
}

static void do_unlink(const char *name) {
  if (unlink(name) < 0) fail("unlink");
}

/* Names are f0, f1, ... each client has its own share. */
static void each(void (*work)(const char *name), int from, int to) {
  char name[32];
  for (int index = from; index < to; index++) {
    snprintf(name, sizeof name, "f%d", index);
    work(name);
  }
}

static void list(void) {
  DIR *folder = opendir(".");
  struct stat attributes;
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    if (fstatat(dirfd(folder), entry->d_name, &attributes, AT_SYMLINK_NOFOLLOW) < 0) fail("fstatat");
  }
  closedir(folder);
}

static void write_all(int mebibytes, size_t size) {
  const int fd = open("big", O_CREAT | O_WRONLY | O_TRUNC, 0644);
  if (fd < 0) fail("open");
  for (size_t done = 0; done < (size_t)mebibytes << 20; done += size) {
    if (write(fd, block, size) != (ssize_t)size) fail("write");
  }
  close(fd);
}

static void read_all(int mebibytes) {
  const int fd = open("big", O_RDONLY);
  if (fd < 0) fail("open");
  for (int done = 0; done < mebibytes; done++) {
    if (read(fd, block, BLOCK) != BLOCK) fail("read");
  }
  close(fd);
}

/* Each place once at most, so that nothing but read-ahead can have brought it. */
static void read_randomly(int from, int to, int count) {
  const int fd = open("big", O_RDONLY);
  if (fd < 0) fail("open");
  posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM);
  struct stat attributes;
  fstat(fd, &attributes);
  const size_t places = (size_t)attributes.st_size / SMALL;
  for (int index = from; index < to; index++) {
    const size_t place = ((size_t)index * 2654435761U + (size_t)count) % places;
    if (pread(fd, block, SMALL, (off_t)(place * SMALL)) != SMALL) fail("read");
  }
  close(fd);
}

static void work(const char *phase, int count, int client, int clients) {
  const int from = (int)((long)count * client / clients);
  const int to = (int)((long)count * (client + 1) / clients);
  if (strcmp(phase, "stat") == 0) each(do_stat, from, to);
  else if (strcmp(phase, "create") == 0) each(do_create, from, to);
  else if (strcmp(phase, "open-read-close") == 0) each(do_open_read, from, to);
  else if (strcmp(phase, "unlink") == 0) each(do_unlink, from, to);
  else if (strcmp(phase, "list") == 0) list();
  else if (strcmp(phase, "write") == 0) write_all(count, BLOCK);
  else if (strcmp(phase, "write-4k") == 0) write_all(count, SMALL);
  else if (strcmp(phase, "read") == 0) read_all(count);
  else if (strcmp(phase, "random") == 0) read_randomly(from, to, count);
  else errno = EINVAL, fail(phase);
}

int main(int count, char **words) {
  if (count != 5) return fprintf(stderr, "usage: workload PHASE FOLDER COUNT CLIENTS\n"), 2;
  const int amount = atoi(words[3]), clients = atoi(words[4]);
  if (chdir(words[2]) < 0) fail(words[2]);
  int start[2];
  if (pipe(start) < 0) fail("pipe");
  for (int client = 0; client < clients; client++) {
    if (fork() != 0) continue;
    close(start[1]);
    char byte;
    if (read(start[0], &byte, 1) < 0) fail("pipe"); /* the end of the pipe is the starting shot */
    work(words[1], amount, client, clients);
    _exit(0);
  }
  close(start[0]);
  usleep(20000);
  const double started = now();
  close(start[1]);
  bool is_well = true;
  for (int status; wait(&status) > 0;) is_well = is_well && status == 0;
  const double took = now() - started;
  struct rusage usage;
  getrusage(RUSAGE_CHILDREN, &usage);
  const double cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
                     (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
  printf("%.1f %.0f\n", amount / took, cpu);
  return is_well ? 0 : 1;
}
