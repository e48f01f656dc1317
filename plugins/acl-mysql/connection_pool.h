#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <patchbay/metrics.hpp>
#include <patchbay/workers.hpp>

#include "backoff.h"
#include "database.h"
#include "pool_metrics.h"

namespace patchbay::acl_mysql {

/// What is to be asked on a connection. It ends with a run() that doesn't say `lost`, or with give_up(), never both.
/// [a thread of the pool]
class Job {
 public:
  virtual ~Job() = default;
  /// Called a second time, on a new connection, when it has said `lost`; not a third time.
  [[nodiscard]] virtual Fault run(Connection& connection) = 0;
  /// No connection for it. Also called by offer() and stop() on their threads, and on workers.
  virtual void give_up(std::string_view why) = 0;
  /// Nobody waits for the answer any more.
  [[nodiscard]] virtual bool expired() const = 0;
};

/// Connections that wait for jobs, each with a thread of its own, so that a query that takes its time holds up nobody
/// but who asked. What finds no free connection waits in a queue of `queue_max`; when all connections are down, jobs
/// are refused at once. A lost connection is made anew, with a growing wait between attempts.
class ConnectionPool {
 public:
  ConnectionPool(host of, std::shared_ptr<Connector> connector, const Settings& settings, const PoolMetrics& metrics);
  ~ConnectionPool();
  ConnectionPool(const ConnectionPool&) = delete;
  ConnectionPool& operator=(const ConnectionPool&) = delete;

  /// Starts the first thread, which begins to connect; throws what the host refuses. The others follow when it has
  /// succeeded. [control]
  void start();
  /// Gives up what waits, ends queries that run, joins the threads. Idempotent. [control]
  void stop();
  /// Gives up what has waited too long: every connection may be busy. [any-thread]
  void sweep();
  /// Never blocks. [any-thread]
  void offer(std::unique_ptr<Job> job);

  struct State {
    std::uint32_t size = 0;
    std::uint32_t connected = 0;
    std::uint32_t failing = 0;  ///< connections whose last attempt has failed
    size_t queued = 0;
    std::string error;  ///< why the last attempt to connect failed; empty: it succeeded
  };
  [[nodiscard]] State state() const;

 private:
  struct Lane;
  void start_thread(std::uint32_t number);
  void start_others();
  void work(Lane& lane);
  [[nodiscard]] bool may_connect(Lane& lane);
  void serve(Lane& lane, Connection& connection);
  [[nodiscard]] bool next(Lane& lane);
  [[nodiscard]] bool run(Lane& lane, Connection& connection);
  [[nodiscard]] std::unique_ptr<Connection> connect(Lane& lane);
  void connected(Lane& lane, Connection& connection);
  void disconnected(Lane& lane);
  void failed(Lane& lane, const std::string& error);
  void wait(std::chrono::milliseconds length);
  void refuse(std::unique_ptr<Job> job);
  void show_gauges() const;  // with the mutex held
  [[nodiscard]] bool down() const { return connected_ == 0 && failing_ != 0; }

  host host_;
  std::shared_ptr<Connector> connector_;
  ReconnectSettings reconnect_;
  std::uint32_t size_;
  size_t queue_max_;
  const PoolMetrics& metrics_;
  alarms alarms_;
  workers workers_;
  const patchbay_thread* threads_;

  std::mutex starting_;              // held while threads are started or joined; taken before mutex_
  mutable std::mutex mutex_;         // guards what follows; never held while something blocks
  std::condition_variable work_;     // for lanes that are connected
  std::condition_variable stopped_;  // for lanes that wait before they connect: to stop, or since another is connected
  std::deque<std::unique_ptr<Job>> queue_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::uint32_t connected_ = 0;
  std::uint32_t failing_ = 0;
  std::uint32_t busy_ = 0;
  bool stopping_ = false;
  bool others_wanted_ = false;   // start_others() has been called for
  bool announced_down_ = false;  // log and alarm have said so
  std::string error_;
};

}  // namespace patchbay::acl_mysql
