#include "wire/support/broker.h"

#include <signal.h>

#include <iostream>
#include <stdexcept>
#include <utility>

#include "wire/support/tcp_socket.h"

namespace patchbay::wire {

Broker::Broker(Settings settings) : settings_(std::move(settings)), tcp_port_(free_port()), ws_port_(free_port()) {
  start();
}

std::string Broker::program() {
  return PATCHBAY_PROGRAM;
}

std::string Broker::bind(const std::string& type, uint16_t port, const std::string& name) {
  return "listeners." + type + "." + name + ".bind=\"127.0.0.1:" + std::to_string(port) + "\"";
}

void Broker::start() {
  std::vector<std::string> command = {program(), "start", "--data", folder_.path("data")};
  Settings all = {bind("tcp", tcp_port_), bind("ws", ws_port_), "node.shards=2", "api.bind=\"\""};
  all.insert(all.end(), settings_.begin(), settings_.end());
  for (const std::string& setting : all) {
    command.push_back("--set");
    command.push_back(setting);
  }
  process_ = std::make_unique<Process>(std::move(command));
  signalled_ = false;
  if (!process_->wait_for("patchbay ready")) {
    throw std::runtime_error("the broker is not ready in time:\n" + process_->output() + process_->error());
  }
}

Broker::~Broker() {
  if (signalled_ || process_ == nullptr) return;
  const std::optional<int> code = process_->wait_exit(0ms);
  if (code) std::cerr << "The broker ended by itself with " << *code << ":\n" << process_->error() << '\n';
}

void Broker::signal(int number) {
  if (number == SIGTERM || number == SIGINT) signalled_ = true;
  process_->signal(number);
}

int Broker::stop() {
  signal(SIGTERM);
  const std::optional<int> code = process_->wait_exit(15s);
  if (!code) throw std::runtime_error("the broker does not stop:\n" + process_->error());
  return *code;
}

}  // namespace patchbay::wire
