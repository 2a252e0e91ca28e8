/*
 * The bench's own load client. Clicks fall due evenly, whatever becomes of the earlier ones, and each wait counts
 * from when the click was due. One thread, one epoll, at most one click under way on a connection.
 *
 * Usage: open-loop PORT[,PORT…] RATE AMOUNT BANNERS CONNECTIONS CLICKS PATIENCE ADDRESSES
 *
 * It sends AMOUNT clicks, RATE a second, for banners 1 … BANNERS in turn, to 127.0.0.1. With several ports, the
 * connections take turns. With ADDRESSES, they come from so many in turn, 127.0.1.1 and following; with 0, from 127.0.0.1.
 * A connection is closed after CLICKS clicks, and another one opened in its place. It ends when
 * each click is settled, or PATIENCE seconds after the last was due. Then it writes numbers as the machine keeps
 * doubles: the number of clicks answered with 204, the seconds from the first click to the end, the seconds of processor
 * time in them; then, for each of these clicks, when its answer came, in milliseconds since the epoch; then their
 * latencies in milliseconds; then how much of each latency had gone by when the click was sent.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* All at once would overflow the listener's queue: some would then be open at this end alone. */
enum { OPENING_PAUSE_US = 200 };
enum { EVENTS = 256, REQUEST_BYTES = 96, ANSWER_BYTES = 4096, PORTS = 16, CLOSED = -1, NO_CLICK = -1 };

enum { FIRST_ADDRESS = 0x7f000101 };

static const char ACKNOWLEDGED[] = "HTTP/1.1 204";

struct connection {
  int socket;
  long click; /* The one under way. */
  long clicks_left; /* Until another one takes its place. */
  double sent_at;
};

struct queue {
  long *items;
  long first, count, room;
};

static int ports[PORTS], port_count;
static double per_second;
static long amount, banners, connection_count, clicks_per_connection, addresses;
static struct connection *connections;
/* Those without a click under way. The one that has been idle for longest sends first: the service closes a connection
 * that says nothing for long. */
static struct queue idle;
static int poll_set;
static long sent, settled, acknowledged;
static double started_at, epoch_at, *answered_at_ms, *latency_ms, *sent_after_ms;

static void must(int succeeded, const char *what) {
  if (succeeded) return;
  perror(what);
  exit(1);
}

static void *room_for(long count, size_t bytes) {
  void *room = calloc(count + 1, bytes);
  must(room != NULL, "calloc");
  return room;
}

static double seconds_of(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec + now.tv_nsec / 1e9;
}

static double now(void) {
  return seconds_of(CLOCK_MONOTONIC);
}

static double due_at(long click) {
  return started_at + click / per_second;
}

static void push(struct queue *queue, long item) {
  queue->items[(queue->first + queue->count++) % queue->room] = item;
}

static long shift(struct queue *queue) {
  long item = queue->items[queue->first];
  queue->first = (queue->first + 1) % queue->room;
  queue->count--;
  return item;
}

/* The socket stays closed when nobody listens: then the clicks of the connection fail. */
static void connect_anew(struct connection *connection) {
  int one = 1;
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = connection - connections};
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons(ports[(connection - connections) % port_count]),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct sockaddr_in own = {.sin_family = AF_INET};
  int client = socket(AF_INET, SOCK_STREAM, 0);
  must(client >= 0, "socket");
  if (addresses > 0) {
    own.sin_addr.s_addr = htonl(FIRST_ADDRESS + (connection - connections) % addresses);
    setsockopt(client, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    must(bind(client, (struct sockaddr *)&own, sizeof own) == 0, "bind");
  }
  if (connect(client, (struct sockaddr *)&address, sizeof address) != 0) {
    close(client);
    return;
  }
  must(fcntl(client, F_SETFL, O_NONBLOCK) == 0, "fcntl");
  setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  setsockopt(client, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof one);
  must(epoll_ctl(poll_set, EPOLL_CTL_ADD, client, &event) == 0, "epoll_ctl");
  connection->socket = client;
}

/* `at`: when its answer was there. */
static void settle(struct connection *connection, int is_acknowledged, double at) {
  long click = connection->click;
  if (click == NO_CLICK) return;
  if (is_acknowledged) {
    answered_at_ms[acknowledged] = (epoch_at + at) * 1e3;
    sent_after_ms[acknowledged] = (connection->sent_at - due_at(click)) * 1e3;
    latency_ms[acknowledged++] = (at - due_at(click)) * 1e3;
  }
  connection->click = NO_CLICK;
  settled++;
  push(&idle, connection - connections);
}

static void replace(struct connection *connection) {
  close(connection->socket);
  connection->socket = CLOSED;
  connection->clicks_left = clicks_per_connection;
  connect_anew(connection);
}

static void give_up(struct connection *connection) {
  if (connection->socket != CLOSED) close(connection->socket);
  connection->socket = CLOSED;
  settle(connection, 0, 0);
}

static void send_click(struct connection *connection, long click) {
  char request[REQUEST_BYTES];
  long banner = 1 + click % banners;
  int length =
      snprintf(request, sizeof request, "GET /counter/%ld HTTP/1.1\r\nHost: localhost\r\n\r\n", banner);
  connection->click = click;
  connection->sent_at = now();
  if (connection->socket == CLOSED) connect_anew(connection);
  if (connection->socket == CLOSED || send(connection->socket, request, length, MSG_NOSIGNAL) != length)
    give_up(connection);
}

static void send_due(void) {
  while (sent < amount && idle.count > 0 && due_at(sent) <= now())
    send_click(&connections[shift(&idle)], sent++);
}

/* For how many seconds an answer has waited for this process: the kernel stamps it when it comes. */
static double age_of(struct msghdr *message) {
  struct cmsghdr *head = CMSG_FIRSTHDR(message);
  struct timespec came;
  if (head == NULL || head->cmsg_level != SOL_SOCKET || head->cmsg_type != SO_TIMESTAMPNS) return 0;
  memcpy(&came, CMSG_DATA(head), sizeof came);
  return seconds_of(CLOCK_REALTIME) - (came.tv_sec + came.tv_nsec / 1e9);
}

/* A 204 is a few hundred bytes without a body and comes in one piece. Behind any other answer, the rest of it would be
 * taken for the next one: the connection is given up. */
static void receive(struct connection *connection) {
  char answer[ANSWER_BYTES], stamp[CMSG_SPACE(sizeof(struct timespec))];
  struct iovec room = {.iov_base = answer, .iov_len = sizeof answer};
  struct msghdr message = {
      .msg_iov = &room, .msg_iovlen = 1, .msg_control = stamp, .msg_controllen = sizeof stamp};
  if (connection->socket == CLOSED) return;
  ssize_t length = recvmsg(connection->socket, &message, 0);
  if (length < 0 && errno == EAGAIN) return;
  if (length >= (ssize_t)sizeof ACKNOWLEDGED - 1 &&
      memcmp(answer, ACKNOWLEDGED, sizeof ACKNOWLEDGED - 1) == 0) {
    settle(connection, 1, now() - age_of(&message));
    if (--connection->clicks_left == 0) replace(connection);
  } else give_up(connection);
}

/* Waits for answers until `until`. */
static void receive_until(double until) {
  struct epoll_event events[EVENTS];
  double seconds = until - now();
  if (seconds < 0) seconds = 0;
  struct timespec timeout = {.tv_sec = seconds, .tv_nsec = (seconds - (long)seconds) * 1e9};
  int ready = epoll_pwait2(poll_set, events, EVENTS, &timeout, NULL);
  must(ready >= 0 || errno == EINTR, "epoll_pwait2");
  for (int i = 0; i < ready; i++) receive(&connections[events[i].data.u64]);
}

static void write_doubles(const double *values, long count) {
  must(fwrite(values, sizeof *values, count, stdout) == (size_t)count, "fwrite");
}

static void set_up(char **arguments) {
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  /* Otherwise the kernel lets timers be 50 µs late, to put several into one. */
  prctl(PR_SET_TIMERSLACK, 1);
  for (char *port = strtok(arguments[1], ","); port != NULL && port_count < PORTS; port = strtok(NULL, ","))
    ports[port_count++] = atoi(port);
  per_second = atof(arguments[2]);
  amount = atol(arguments[3]);
  banners = atol(arguments[4]);
  connection_count = atol(arguments[5]);
  clicks_per_connection = atol(arguments[6]);
  addresses = atol(arguments[8]);
  answered_at_ms = room_for(amount, sizeof *answered_at_ms);
  latency_ms = room_for(amount, sizeof *latency_ms);
  sent_after_ms = room_for(amount, sizeof *sent_after_ms);
  connections = room_for(connection_count, sizeof *connections);
  idle = (struct queue){.items = room_for(connection_count, sizeof *idle.items), .room = connection_count};
  poll_set = epoll_create1(0);
  must(poll_set >= 0, "epoll_create1");
  for (long i = 0; i < connection_count; i++) {
    /* Some are replaced after their first click, others later: never all at once. */
    long clicks_left = 1 + i % clicks_per_connection;
    connections[i] = (struct connection){.socket = CLOSED, .click = NO_CLICK, .clicks_left = clicks_left};
    connect_anew(&connections[i]);
    usleep(OPENING_PAUSE_US);
    push(&idle, i);
  }
}

int main(int count, char **arguments) {
  if (count != 9) {
    fprintf(stderr, "usage: open-loop PORT[,PORT...] RATE AMOUNT BANNERS CONNECTIONS CLICKS PATIENCE ADDRESSES\n");
    return 1;
  }
  set_up(arguments);
  double cpu_before = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
  started_at = now();
  epoch_at = seconds_of(CLOCK_REALTIME) - started_at;
  double deadline = due_at(amount) + atof(arguments[7]);
  for (;;) {
    send_due();
    /* After the sending, which settles clicks that cannot be sent: no answer would come for them. */
    if (settled == amount || now() >= deadline) break;
    /* With all connections busy, an answer comes first. */
    receive_until(sent < amount && idle.count > 0 ? due_at(sent) : deadline);
  }
  double head[] = {acknowledged, now() - started_at, seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu_before};
  write_doubles(head, 3);
  write_doubles(answered_at_ms, acknowledged);
  write_doubles(latency_ms, acknowledged);
  write_doubles(sent_after_ms, acknowledged);
  return 0;
}
