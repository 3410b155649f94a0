/*
 * The load generator: one thread, epoll, the far side of an echo of frames with
 * a length of four bytes, most significant first. It does so little itself that
 * the server under test is always the slower side.
 *
 *   load echo PORT CONNECTIONS IN_FLIGHT SIZE SECONDS   prints messages a second
 *   load connect PORT CONCURRENCY SECONDS               prints connections a second
 *   load idle PORT COUNT                                prints "ready", waits for
 *                                                       the end of its input
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define EVENTS 256
#define HEADER 4
#define READ_SIZE (1 << 20)

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static void fail(const char *what) {
  fprintf(stderr, "load: %s: %s\n", what, errno ? strerror(errno) : "unexpected");
  exit(1);
}

/* A socket that is connecting, or connected where the system was fast. */
static int open_socket(int port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (fd < 0) fail("socket");
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0 &&
      errno != EINPROGRESS)
    fail("connect");
  return fd;
}

static void watch(int epoll, int operation, int fd, unsigned events, int index) {
  struct epoll_event event = {.events = events, .data.u32 = index};
  if (epoll_ctl(epoll, operation, fd, &event) < 0) fail("epoll_ctl");
}

/* Frames of a size behind one another. */
static char *frames_of(int count, int size) {
  char *frames = malloc((size_t)count * (HEADER + size));
  if (frames == NULL) fail("malloc");
  for (int i = 0; i < count; i++) {
    char *frame = frames + (size_t)i * (HEADER + size);
    unsigned length = htonl(size);
    memcpy(frame, &length, HEADER);
    memset(frame + HEADER, 'a' + i % 26, size);
  }
  return frames;
}

struct connection {
  int fd;
  int sent;     /* of the frames that are in flight, in bytes */
  int received; /* likewise */
};

/* Sends what is left of the frames, as far as the socket takes it. */
static void send_rest(int epoll, struct connection *one, int index,
                      const char *frames, int length) {
  while (one->sent < length) {
    ssize_t count = write(one->fd, frames + one->sent, length - one->sent);
    if (count < 0 && errno == EAGAIN) break;
    if (count < 0) fail("write");
    one->sent += count;
  }
  unsigned events = EPOLLIN | (one->sent < length ? EPOLLOUT : 0);
  watch(epoll, EPOLL_CTL_MOD, one->fd, events, index);
}

/* Each connection sends IN_FLIGHT frames, and again when all have come back. */
static void echo(int port, int connections, int in_flight, int size,
                 double seconds) {
  int length = in_flight * (HEADER + size);
  char *frames = frames_of(in_flight, size);
  char *input = malloc(READ_SIZE);
  struct connection *all = calloc(connections, sizeof *all);
  int epoll = epoll_create1(0);
  for (int i = 0; i < connections; i++) {
    all[i].fd = open_socket(port);
    watch(epoll, EPOLL_CTL_ADD, all[i].fd, EPOLLOUT, i);
  }
  long messages = 0;
  double start = now();
  struct epoll_event events[EVENTS];
  while (now() - start < seconds) {
    int count = epoll_wait(epoll, events, EVENTS, 100);
    for (int i = 0; i < count; i++) {
      int index = events[i].data.u32;
      struct connection *one = &all[index];
      if (events[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP)) {
        ssize_t got = read(one->fd, input, READ_SIZE);
        if (got <= 0) fail("read");
        one->received += got;
        if (one->received > length) fail("more came back than was sent");
        if (one->received == length) {
          messages += in_flight;
          one->sent = one->received = 0;
        }
      }
      if (one->sent < length) send_rest(epoll, one, index, frames, length);
    }
  }
  printf("%.0f\n", messages / (now() - start));
}

/* Connects, sends a frame, waits for its echo, resets; over and over. */
static void connect_echo_close(int port, int concurrency, double seconds) {
  const int size = 64, length = HEADER + size;
  char *frame = frames_of(1, size);
  char input[256];
  int epoll = epoll_create1(0);
  long done = 0;
  for (int i = 0; i < concurrency; i++) {
    int fd = open_socket(port);
    watch(epoll, EPOLL_CTL_ADD, fd, EPOLLOUT, fd);
  }
  double start = now();
  struct epoll_event events[EVENTS];
  while (now() - start < seconds) {
    int count = epoll_wait(epoll, events, EVENTS, 100);
    for (int i = 0; i < count; i++) {
      int fd = events[i].data.u32;
      if (events[i].events & EPOLLOUT) {
        if (write(fd, frame, length) != length) fail("write");
        watch(epoll, EPOLL_CTL_MOD, fd, EPOLLIN, fd);
        continue;
      }
      /* An echo of 68 bytes comes in one piece over the loopback interface. */
      if (read(fd, input, sizeof input) != length) fail("read");
      done++;
      /* A reset: no port is left waiting, however many connections are made. */
      struct linger linger = {.l_onoff = 1, .l_linger = 0};
      setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
      close(fd);
      fd = open_socket(port);
      watch(epoll, EPOLL_CTL_ADD, fd, EPOLLOUT, fd);
    }
  }
  printf("%.0f\n", done / (now() - start));
}

/* Holds connections, each of which has had one frame echoed. */
static void idle(int port, int count) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  const int length = HEADER + 64;
  char *frame = frames_of(1, 64);
  char input[256];
  for (int i = 0; i < count; i++) {
    int fd = open_socket(port);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    struct epoll_event event;
    int epoll = epoll_create1(0);
    watch(epoll, EPOLL_CTL_ADD, fd, EPOLLOUT, 0);
    epoll_wait(epoll, &event, 1, 5000);
    close(epoll);
    if (write(fd, frame, length) != length) fail("write");
    if (recv(fd, input, length, MSG_WAITALL) != length) fail("recv");
  }
  puts("ready");
  fflush(stdout);
  while (read(STDIN_FILENO, input, sizeof input) > 0) continue;
}

int main(int count, char **argument) {
  const char *mode = count > 2 ? argument[1] : "";
  int port = count > 2 ? atoi(argument[2]) : 0;
  if (strcmp(mode, "echo") == 0 && count == 7)
    echo(port, atoi(argument[3]), atoi(argument[4]), atoi(argument[5]),
         atof(argument[6]));
  else if (strcmp(mode, "connect") == 0 && count == 5)
    connect_echo_close(port, atoi(argument[3]), atof(argument[4]));
  else if (strcmp(mode, "idle") == 0 && count == 4)
    idle(port, atoi(argument[3]));
  else {
    fprintf(stderr, "load: see the top of load.c\n");
    return 2;
  }
  return 0;
}
