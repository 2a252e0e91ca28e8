/*
 * A client that wants more than its share. All its connections come from one address.
 *
 * Usage: flood PORT ADDRESS RATE SECONDS CONNECTIONS READ_BYTES < REQUEST
 *
 * RATE times a second, the next of CONNECTIONS connections to 127.0.0.1 has its turn. In its turn, one that is closed is
 * opened, and one that waits for no answer sends the request. An empty REQUEST is never sent. Each run of nine digits 7
 * in it is a random number of nine digits. With READ_BYTES, a connection reads so much of its answer in a turn; with 0,
 * all of it at once. It writes a line with the number of answers for each status, `cut` connections, those that were
 * open at the end, and the turns that no connection could take.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 256, ANSWER_BYTES = 65536, DIGITS = 9, STATUSES = 600, SLOW_BUFFER_BYTES = 2048 };
enum { CLOSED = -1 };
/* Before a status, and where it stands. */
static const char HTTP[] = "HTTP/1.1 ";
static const char LAST[] = "onnection: close";

struct connection {
  int socket;
  int is_busy; /* A request is being sent, or waits for its answer. */
  int has_answer; /* Its status was counted. */
  size_t sent;
};

static struct connection *connections;
static long connection_count, read_bytes;
static struct sockaddr_in here = {.sin_family = AF_INET}, there = {.sin_family = AF_INET};
static char *request, **numbers;
static size_t request_bytes, number_count;
static int poll_set;
static long answers[STATUSES], cut, missed;
static uint64_t random_state = 88172645463325252u;

static void must(int succeeded, const char *what) {
  if (succeeded) return;
  perror(what);
  exit(1);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

/* xorshift64, by G. Marsaglia. */
static uint64_t next_random(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  return random_state ^= random_state << 17;
}

static void read_request(void) {
  size_t room = 1 << 22;
  request = malloc(room + 1);
  numbers = malloc(room / DIGITS * sizeof *numbers);
  must(request != NULL && numbers != NULL, "malloc");
  request_bytes = fread(request, 1, room, stdin);
  request[request_bytes] = 0;
  for (char *at = request; (at = strstr(at, "777777777")) != NULL; at += DIGITS) numbers[number_count++] = at;
}

/* Those of requests that are still being sent change as well. */
static void draw_numbers(void) {
  char text[DIGITS + 1];
  for (size_t i = 0; i < number_count; i++) {
    snprintf(text, sizeof text, "%lu", (unsigned long)(100000000 + next_random() % 900000000));
    memcpy(numbers[i], text, DIGITS);
  }
}

static void end(struct connection *connection) {
  if (connection->socket == CLOSED) return;
  close(connection->socket);
  *connection = (struct connection){.socket = CLOSED};
}

static void open_anew(struct connection *connection) {
  int one = 1, bytes = SLOW_BUFFER_BYTES;
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.u64 = connection - connections};
  int client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  must(client >= 0, "socket");
  setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  setsockopt(client, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  if (read_bytes > 0) setsockopt(client, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  if (bind(client, (struct sockaddr *)&here, sizeof here) != 0 ||
      (connect(client, (struct sockaddr *)&there, sizeof there) != 0 && errno != EINPROGRESS)) {
    close(client);
    return;
  }
  must(epoll_ctl(poll_set, EPOLL_CTL_ADD, client, &event) == 0, "epoll_ctl");
  connection->socket = client;
}

static void send_on(struct connection *connection) {
  if (!connection->is_busy || connection->sent == request_bytes) return;
  ssize_t length = send(connection->socket, request + connection->sent, request_bytes - connection->sent, MSG_NOSIGNAL);
  if (length > 0) connection->sent += length;
  else if (errno != EAGAIN) {
    cut++;
    end(connection);
  }
}

static void start_request(struct connection *connection) {
  if (request_bytes == 0) return;
  draw_numbers();
  connection->is_busy = 1;
  connection->has_answer = 0;
  connection->sent = 0;
  send_on(connection);
}

/* An answer comes in one piece, unless it is long and read slowly. */
static void receive(struct connection *connection) {
  char answer[ANSWER_BYTES + 1];
  size_t room = read_bytes > 0 ? (size_t)read_bytes : ANSWER_BYTES;
  ssize_t length = read(connection->socket, answer, room);
  if (length < 0 && errno == EAGAIN) return;
  if (length <= 0) {
    cut += !connection->has_answer;
    end(connection);
    return;
  }
  answer[length] = 0;
  if (!connection->has_answer && length >= (ssize_t)sizeof HTTP + 2 && memcmp(answer, HTTP, sizeof HTTP - 1) == 0) {
    connection->has_answer = 1;
    answers[atoi(answer + sizeof HTTP - 1) % STATUSES]++;
  }
  if (read_bytes > 0) return;
  connection->is_busy = 0;
  if (strstr(answer, LAST) != NULL) end(connection);
}

static void have_turn(struct connection *connection) {
  if (connection->socket == CLOSED) {
    open_anew(connection);
    if (connection->socket != CLOSED) start_request(connection);
  } else if (!connection->is_busy) start_request(connection);
  else if (read_bytes > 0) receive(connection);
  else missed++;
}

static void attend_until(double until) {
  struct epoll_event events[EVENTS];
  double seconds = until - now();
  if (seconds < 0) seconds = 0;
  struct timespec timeout = {.tv_sec = seconds, .tv_nsec = (seconds - (long)seconds) * 1e9};
  int ready = epoll_pwait2(poll_set, events, EVENTS, &timeout, NULL);
  must(ready >= 0 || errno == EINTR, "epoll_pwait2");
  for (int i = 0; i < ready; i++) {
    struct connection *connection = &connections[events[i].data.u64];
    if (connection->socket != CLOSED && events[i].events & EPOLLOUT) send_on(connection);
    if (connection->socket == CLOSED || !(events[i].events & ~EPOLLOUT)) continue;
    if (read_bytes == 0 || events[i].events & (EPOLLERR | EPOLLHUP)) receive(connection);
  }
}

int main(int count, char **arguments) {
  if (count != 7) {
    fprintf(stderr, "usage: flood PORT ADDRESS RATE SECONDS CONNECTIONS READ_BYTES < REQUEST\n");
    return 1;
  }
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  there.sin_port = htons(atoi(arguments[1]));
  there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  must(inet_pton(AF_INET, arguments[2], &here.sin_addr) == 1, "inet_pton");
  double rate = atof(arguments[3]);
  connection_count = atol(arguments[5]);
  read_bytes = atol(arguments[6]);
  connections = calloc(connection_count, sizeof *connections);
  must(connections != NULL, "calloc");
  for (long i = 0; i < connection_count; i++) connections[i].socket = CLOSED;
  read_request();
  poll_set = epoll_create1(0);
  must(poll_set >= 0, "epoll_create1");
  double started_at = now(), deadline = started_at + atof(arguments[4]);
  for (long turn = 0; now() < deadline; turn++) {
    have_turn(&connections[turn % connection_count]);
    /* At least once a turn: answers are read although it is late. */
    do attend_until(started_at + (turn + 1) / rate);
    while (now() < started_at + (turn + 1) / rate);
  }
  long open = 0;
  for (long i = 0; i < connection_count; i++) open += connections[i].socket != CLOSED;
  printf("{\"cut\":%ld,\"open\":%ld,\"missed\":%ld,\"answers\":{", cut, open, missed);
  const char *comma = "";
  for (int status = 0; status < STATUSES; status++) {
    if (answers[status] == 0) continue;
    printf("%s\"%d\":%ld", comma, status, answers[status]);
    comma = ",";
  }
  printf("}}\n");
  return 0;
}
