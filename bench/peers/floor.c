/*
 * The floor: what a click on a kept-alive connection costs the kernel. One thread, one epoll, one read and one
 * write for each click. No server that answers clicks one by one on Linux does less.
 *
 * It does not look which banner was clicked, and keeps nothing. It adds up its answers, one addition each, and
 * tells them at GET /total: so the bench can compare them with what its client saw.
 *
 * Usage: floor PORT. It serves on 127.0.0.1 until it is killed.
 */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 1024, BACKLOG = 4096, READ_BYTES = 65536 };

/* As long as the service's. */
static const char ANSWER[] =
    "HTTP/1.1 204 No Content\r\n"
    "cache-control: no-store\r\n"
    "access-control-allow-origin: *\r\n"
    "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
    "Connection: keep-alive\r\n"
    "Keep-Alive: timeout=65\r\n"
    "\r\n";

static const char TOTAL_REQUEST[] = "GET /total ";
static long answers;

static void must(int succeeded, const char *what) {
  if (succeeded) return;
  perror(what);
  exit(1);
}

static int listen_on(int port) {
  int one = 1;
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons(port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  must(listener >= 0, "socket");
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  must(bind(listener, (struct sockaddr *)&address, sizeof address) == 0, "bind");
  must(listen(listener, BACKLOG) == 0, "listen");
  return listener;
}

static void watch(int poll, int socket) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = socket};
  must(epoll_ctl(poll, EPOLL_CTL_ADD, socket, &event) == 0, "epoll_ctl");
}

static void accept_all(int poll, int listener) {
  int one = 1;
  int client;
  while ((client = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    watch(poll, client);
  }
}

static void tell_total(int client) {
  char answer[128];
  char total[24];
  int digits = snprintf(total, sizeof total, "%ld", answers);
  int length = snprintf(answer, sizeof answer, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", digits, total);
  if (write(client, answer, length) < 0) close(client);
}

/* A read is one request: the client waits for its answer before it sends the next one. */
static void answer(int client) {
  static char request[READ_BYTES];
  if (read(client, request, sizeof request) <= 0) close(client);
  else if (memcmp(request, TOTAL_REQUEST, sizeof TOTAL_REQUEST - 1) == 0) tell_total(client);
  else if (write(client, ANSWER, sizeof ANSWER - 1) < 0) close(client);
  else answers++;
}

int main(int count, char **arguments) {
  static struct epoll_event events[EVENTS];
  struct rlimit files;
  if (count != 2) {
    fprintf(stderr, "usage: floor PORT\n");
    return 1;
  }
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  int poll = epoll_create1(0);
  must(poll >= 0, "epoll_create1");
  int listener = listen_on(atoi(arguments[1]));
  watch(poll, listener);
  for (;;) {
    int ready = epoll_wait(poll, events, EVENTS, -1);
    for (int i = 0; i < ready; i++)
      if (events[i].data.fd == listener) accept_all(poll, listener);
      else answer(events[i].data.fd);
  }
}
