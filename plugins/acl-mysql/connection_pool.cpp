#include "connection_pool.h"

#include <utility>

namespace patchbay::acl_mysql {

namespace {

/// A connection that nobody uses is tried this often, so that its end is noticed, and kept alive by routers between.
constexpr std::chrono::seconds kPingEvery{30};
constexpr std::string_view kAlarm = "database_down";
constexpr std::string_view kLate = "waited too long for a connection";
constexpr std::string_view kDown = "no connection to the database";

}  // namespace

/// One connection and its thread.
struct ConnectionPool::Lane {
  Lane(ConnectionPool& of, const ReconnectSettings& settings, std::uint64_t seed) : pool(of), backoff(settings, seed) {}

  ConnectionPool& pool;
  Backoff backoff;                   // of the thread
  std::unique_ptr<Job> job;          // of the thread: what it does; kept when the connection is lost meanwhile
  bool second_attempt = false;       // of the thread
  Connection* connection = nullptr;  // guarded by the pool's mutex: for abort()
  bool failing = false;              // guarded by the pool's mutex
  std::uint64_t thread = 0;          // guarded by starting_; 0: none yet
};

ConnectionPool::ConnectionPool(host of, std::shared_ptr<Connector> connector, const Settings& settings,
                               const PoolMetrics& metrics)
    : host_(of),
      connector_(std::move(connector)),
      reconnect_(settings.reconnect),
      size_(settings.pool_size),
      queue_max_(settings.queue_max),
      metrics_(metrics),
      alarms_(of),
      workers_(of),
      threads_(of.need<patchbay_thread>(PATCHBAY_THREAD_1)) {}

ConnectionPool::~ConnectionPool() {
  stop();
}

void ConnectionPool::start() {
  {
    const std::lock_guard lock(mutex_);
    for (std::uint32_t number = 0; number < size_; ++number) {
      lanes_.push_back(std::make_unique<Lane>(*this, reconnect_, host_.now_unix_ms() * 1'000 + number));
    }
  }
  start_thread(0);
}

/// Not patchbay::thread, which looks for the interface when it is made: that is for the control thread alone.
void ConnectionPool::start_thread(std::uint32_t number) {
  Lane& lane = *lanes_[number];
  const auto entry = [](void* self) noexcept {
    auto& of = *static_cast<Lane*>(self);
    of.pool.work(of);
  };
  const std::string name = "mysql-" + std::to_string(number);
  require(threads_->start(host_.raw(), raw_text(name), entry, &lane, &lane.thread), "thread");
}

/// Once there is a server to talk to, the other lanes get their threads.
void ConnectionPool::start_others() {
  const std::lock_guard starting(starting_);
  for (std::uint32_t number = 1; number < size_; ++number) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
    }
    try {
      start_thread(number);
    } catch (const error& e) {
      return host_.log_error("only ", number, " of ", size_, " connections: ", e.what(), "; see plugins.max_threads");
    }
  }
}

void ConnectionPool::stop() {
  std::deque<std::unique_ptr<Job>> left;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    left.swap(queue_);
    for (const auto& lane : lanes_) {
      if (lane->connection != nullptr) lane->connection->abort();
    }
  }
  work_.notify_all();
  stopped_.notify_all();
  for (const auto& job : left) job->give_up("the instance stops");
  const std::lock_guard starting(starting_);
  for (const auto& lane : lanes_) {
    if (lane->thread != 0) threads_->join(host_.raw(), std::exchange(lane->thread, 0));
  }
}

void ConnectionPool::offer(std::unique_ptr<Job> job) {
  bool none = false;
  {
    const std::lock_guard lock(mutex_);
    none = stopping_ || down();
    if (!none && queue_.size() < queue_max_) {
      queue_.push_back(std::move(job));
      show_gauges();
    }
  }
  if (!job) return work_.notify_one();
  if (none) return refuse(std::move(job));
  metrics_.refused_queue_full.add();
  job->give_up("queue_max questions wait for the database already");
}

void ConnectionPool::sweep() {
  std::deque<std::unique_ptr<Job>> late;
  {
    const std::lock_guard lock(mutex_);
    for (; !queue_.empty() && queue_.front()->expired(); queue_.pop_front()) late.push_back(std::move(queue_.front()));
    if (!late.empty()) show_gauges();
  }
  metrics_.refused_expired.add(late.size());
  for (const auto& job : late) job->give_up(kLate);
}

/// There is no connection. The answer comes from a worker: a shard has better things to do while everybody comes back.
void ConnectionPool::refuse(std::unique_ptr<Job> job) {
  metrics_.refused_down.add();
  const std::shared_ptr<Job> shared = std::move(job);
  if (workers_.run([shared] { shared->give_up(kDown); }) != PATCHBAY_OK) shared->give_up(kDown);
}

ConnectionPool::State ConnectionPool::state() const {
  const std::lock_guard lock(mutex_);
  return {size_, connected_, failing_, queue_.size(), error_};
}

void ConnectionPool::work(Lane& lane) {
  while (may_connect(lane)) {
    if (const auto connection = connect(lane)) {
      serve(lane, *connection);
      disconnected(lane);
      // A connection that hung has used up the time of its question; to connect again may hang as well.
      if (lane.job && lane.job->expired()) std::exchange(lane.job, nullptr)->give_up(kLate);
    } else {
      wait(lane.backoff.next());
    }
  }
  if (lane.job) std::exchange(lane.job, nullptr)->give_up("the instance stops");
}

/// While there is no connection at all, the first lane tries alone: a server that comes back is met by one of us.
/// Whoever has a job tries as well. False: all is to stop.
bool ConnectionPool::may_connect(Lane& lane) {
  std::unique_lock lock(mutex_);
  if (&lane != lanes_.front().get() && !lane.job) {
    if (connected_ == 0) failing_ -= std::exchange(lane.failing, false) ? 1 : 0;
    stopped_.wait(lock, [this] { return stopping_ || connected_ != 0; });
  }
  return !stopping_;
}

std::unique_ptr<Connection> ConnectionPool::connect(Lane& lane) {
  std::string error;
  auto connection = connector_->open(error);
  if (connection) {
    connected(lane, *connection);
  } else {
    failed(lane, error);
  }
  return connection;
}

void ConnectionPool::connected(Lane& lane, Connection& connection) {
  metrics_.connections_opened.add();
  lane.backoff.succeeded();
  bool first = false;
  bool alone = false;
  {
    const std::lock_guard lock(mutex_);
    first = connected_++ == 0;
    alone = !std::exchange(others_wanted_, true);
    failing_ -= std::exchange(lane.failing, false) ? 1 : 0;
    if (failing_ == 0) error_.clear();
    announced_down_ = false;
    lane.connection = &connection;
    if (stopping_) connection.abort();
    show_gauges();
  }
  if (alone && workers_.run([this] { start_others(); }) != PATCHBAY_OK) {
    const std::lock_guard lock(mutex_);
    others_wanted_ = false;  // with the next connection, then
  }
  if (!first) return;
  stopped_.notify_all();
  host_.log_info("connected to the database");
  alarms_.clear(kAlarm);
}

void ConnectionPool::disconnected(Lane& lane) {
  const std::lock_guard lock(mutex_);
  --connected_;
  lane.connection = nullptr;
  show_gauges();
}

void ConnectionPool::failed(Lane& lane, const std::string& error) {
  metrics_.connections_failed.add();
  if (lane.job) std::exchange(lane.job, nullptr)->give_up(kDown);
  std::deque<std::unique_ptr<Job>> refused;
  bool just_down = false;
  bool news = false;
  {
    const std::lock_guard lock(mutex_);
    failing_ += std::exchange(lane.failing, true) ? 0 : 1;
    just_down = down() && !announced_down_;
    announced_down_ |= just_down;
    news = error != error_;
    error_ = error;
    if (down()) refused.swap(queue_);
    show_gauges();
  }
  if (just_down || news) host_.log_warning("can't connect to the database: ", error);
  if (just_down) alarms_.raise(kAlarm, error);
  metrics_.refused_down.add(refused.size());
  for (const auto& job : refused) job->give_up(kDown);
}

void ConnectionPool::wait(std::chrono::milliseconds length) {
  std::unique_lock lock(mutex_);
  stopped_.wait_for(lock, length, [this] { return stopping_; });
}

/// Until the connection is lost, or all is to stop.
void ConnectionPool::serve(Lane& lane, Connection& connection) {
  while (next(lane)) {
    if (lane.job ? !run(lane, connection) : !connection.ping()) return;
  }
}

/// Waits for a job, but not for ever: there may be none. False: all is to stop.
bool ConnectionPool::next(Lane& lane) {
  std::unique_lock lock(mutex_);
  lane.second_attempt = lane.job != nullptr;
  if (!lane.job) {
    work_.wait_for(lock, kPingEvery, [this] { return stopping_ || !queue_.empty(); });
    if (!stopping_ && !queue_.empty()) {
      lane.job = std::move(queue_.front());
      queue_.pop_front();
    }
  }
  busy_ += lane.job && !stopping_ ? 1 : 0;
  show_gauges();
  return !stopping_;
}

/// False: the connection is lost.
bool ConnectionPool::run(Lane& lane, Connection& connection) {
  Fault fault = Fault::none;
  if (lane.job->expired()) {
    metrics_.refused_expired.add();
    lane.job->give_up(kLate);
  } else {
    fault = lane.job->run(connection);
  }
  if (fault == Fault::lost && lane.second_attempt) lane.job->give_up("the connection was lost twice");
  if (fault != Fault::lost || lane.second_attempt) lane.job.reset();
  const std::lock_guard lock(mutex_);
  --busy_;
  show_gauges();
  return fault != Fault::lost;
}

void ConnectionPool::show_gauges() const {
  metrics_.connections_open.set(connected_);
  metrics_.connections_busy.set(busy_);
  metrics_.queue_length.set(static_cast<std::int64_t>(queue_.size()));
}

}  // namespace patchbay::acl_mysql
