/*
 * Kafka Streams at the core of driftgate's job, for bench_streams.py: it splits messages into
 * manifests, recognises repeats exactly, writes a receipt for each, and keeps the members of each
 * order and each waybill. It does less than driftgate: it validates nothing, and has no rules, no
 * parties, no bills, no transit entries and no closing. So ratios are in its favour.
 *
 *   java -cp CLASSES:LIBS/* StreamsPeer BROKERS INPUT RECEIPTS MANIFESTS STATE_DIR
 *
 * Exactly once (exactly_once_v2), two threads, commits every 200 ms, lz4, RocksDB stores. Ends when
 * all MANIFESTS have gone through all three stores, after a last commit, and prints
 *
 *   streams N manifests S seconds C cpu; second half S seconds C cpu
 *
 * from its first record on: the second half is what a process gives that has run for a while.
 */
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Branched;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

public class StreamsPeer {
    static final int PARTITIONS = 4;
    static final byte RECEIPT = 'R', ORDER = 'O', WAYBILL = 'W';
    static final String[] FIELDS = {"messageType", "agentCode", "copNo", "ebpCode", "orderNo",
            "logisticsCode", "logisticsNo", "appTime", "grossWeight"};
    static final int TYPE = 0, AGENT = 1, COP = 2, EBP = 3, ORDER_NO = 4, LOGISTICS = 5, WAYBILL_NO = 6,
            APP_TIME = 7, GROSS = 8;
    static final VarHandle WORD =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    static final JsonFactory JSON = new JsonFactory();

    static final AtomicLong judged = new AtomicLong(), ordered = new AtomicLong(), shipped = new AtomicLong();
    static volatile long first;

    /* ---- input ---- */

    /* 128 bits of the document's bytes. */
    static void hash(byte[] b, int from, int to, ByteBuffer out) {
        long x = 0x9e3779b97f4a7c15L ^ (to - from), y = 0xc2b2ae3d27d4eb4fL;
        int i = from;
        for (; i + 8 <= to; i += 8) {
            long w = (long) WORD.get(b, i);
            x = Long.rotateLeft((x ^ w) * 0x87c37b91114253d5L, 31);
            y = Long.rotateLeft((y + w) * 0x4cf5ad432745937fL, 33) ^ x;
        }
        for (; i < to; i++) {
            x = Long.rotateLeft((x ^ b[i]) * 0x87c37b91114253d5L, 31);
            y = Long.rotateLeft((y + b[i]) * 0x4cf5ad432745937fL, 33) ^ x;
        }
        out.putLong(x * 0xff51afd7ed558ccdL).putLong(y ^ x >>> 33);
    }

    /* The object at the parser: its hash, then its fields, each with a length in front. */
    static KeyValue<String, byte[]> manifest(JsonParser p, byte[] message) throws IOException {
        int from = (int) p.currentTokenLocation().getByteOffset();
        String[] f = new String[FIELDS.length];
        while (p.nextToken() != JsonToken.END_OBJECT) {
            String name = p.currentName();
            JsonToken t = p.nextToken();
            if (t.isStructStart()) {
                p.skipChildren();
                continue;
            }
            for (int i = 0; i < FIELDS.length; i++)
                if (FIELDS[i].equals(name))
                    f[i] = p.getText();
        }
        ByteBuffer out = ByteBuffer.allocate(1024);
        hash(message, from, (int) p.currentLocation().getByteOffset(), out);
        for (String s : f) {
            byte[] bytes = s == null ? new byte[0] : s.getBytes(StandardCharsets.UTF_8);
            out.put((byte) bytes.length).put(bytes);
        }
        return KeyValue.pair(f[AGENT] + "/" + f[COP], Arrays.copyOf(out.array(), out.position()));
    }

    static List<KeyValue<String, byte[]>> split(byte[] message) {
        if (first == 0)
            first = System.nanoTime();
        List<KeyValue<String, byte[]>> out = new ArrayList<>();
        try (JsonParser p = JSON.createParser(message)) {
            for (JsonToken t = p.nextToken(); t != null; t = p.nextToken())
                if (t == JsonToken.START_OBJECT)
                    out.add(manifest(p, message));
        } catch (IOException e) {
            throw new RuntimeException(e);
        }
        return out;
    }

    /* ---- accounts ---- */

    static byte[] tagged(byte tag, byte[] bytes) {
        byte[] out = new byte[bytes.length + 1];
        out[0] = tag;
        System.arraycopy(bytes, 0, out, 1, bytes.length);
        return out;
    }

    static byte[] untagged(byte[] v) {
        return Arrays.copyOfRange(v, 1, v.length);
    }

    /* One verdict a document; what it knows of an account is the hash of the version in force. */
    static class Dedup implements Processor<String, byte[], String, byte[]> {
        ProcessorContext<String, byte[]> context;
        KeyValueStore<String, byte[]> store;

        public void init(ProcessorContext<String, byte[]> c) {
            context = c;
            store = c.getStateStore("manifests");
        }

        public void process(Record<String, byte[]> r) {
            ByteBuffer in = ByteBuffer.wrap(r.value());
            byte[] hash = new byte[16];
            in.get(hash);
            String[] f = new String[FIELDS.length];
            for (int i = 0; i < f.length; i++) {
                byte[] text = new byte[in.get() & 0xff];
                in.get(text);
                f[i] = new String(text, StandardCharsets.UTF_8);
            }
            byte[] before = store.get(r.key());
            String verdict = before == null ? "ACCEPTED" : Arrays.equals(before, hash) ? "DUPLICATE" : "CONFLICT";
            String receipt = "{\"verdict\":\"" + verdict + "\",\"messageType\":\"" + f[TYPE] + "\",\"agentCode\":\""
                    + f[AGENT] + "\",\"copNo\":\"" + f[COP] + "\",\"ebpCode\":\"" + f[EBP] + "\",\"orderNo\":\""
                    + f[ORDER_NO] + "\",\"logisticsNo\":\"" + f[WAYBILL_NO] + "\",\"eventTime\":\"" + f[APP_TIME]
                    + "\",\"origin\":\"" + context.recordMetadata().get().partition() + "/"
                    + context.recordMetadata().get().offset() + "\"}";
            context.forward(r.withKey(f[EBP]).withValue(
                    tagged(RECEIPT, receipt.getBytes(StandardCharsets.UTF_8))));
            if (before == null) {
                store.put(r.key(), hash);
                byte[] told = (r.key() + "\n" + f[GROSS]).getBytes(StandardCharsets.UTF_8);
                context.forward(r.withKey(f[EBP] + "/" + f[ORDER_NO]).withValue(tagged(ORDER, told)));
                context.forward(r.withKey(f[LOGISTICS] + "/" + f[WAYBILL_NO]).withValue(tagged(WAYBILL, told)));
            }
            judged.incrementAndGet();
        }
    }

    /* The members of an order or a waybill, one a line, and their weight. */
    static class Members implements Processor<String, byte[], Void, Void> {
        final String name;
        final AtomicLong count;
        KeyValueStore<String, byte[]> store;

        Members(String name, AtomicLong count) {
            this.name = name;
            this.count = count;
        }

        public void init(ProcessorContext<Void, Void> c) {
            store = c.getStateStore(name);
        }

        public void process(Record<String, byte[]> r) {
            byte[] before = store.get(r.key());
            byte[] told = untagged(r.value());
            byte[] now = told;
            if (before != null) {
                now = Arrays.copyOf(before, before.length + 1 + told.length);
                now[before.length] = '\n';
                System.arraycopy(told, 0, now, before.length + 1, told.length);
            }
            store.put(r.key(), now);
            count.incrementAndGet();
        }
    }

    /* ---- topology ---- */

    static StreamsBuilder topology(String input, String receipts) {
        StreamsBuilder b = new StreamsBuilder();
        for (String name : new String[] {"manifests", "orders", "waybills"})
            b.addStateStore(Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(name), Serdes.String(),
                    Serdes.ByteArray()));
        var told = b.stream(input, Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()))
                .flatMap((k, v) -> split(v))
                .repartition(by("by-manifest"))
                .process(Dedup::new, Named.as("dedup"), "manifests")
                .split(Named.as("told-"))
                .branch((k, v) -> v[0] == RECEIPT, Branched.as("receipt"))
                .branch((k, v) -> v[0] == ORDER, Branched.as("order"))
                .branch((k, v) -> v[0] == WAYBILL, Branched.as("waybill"))
                .noDefaultBranch();
        KStream<String, byte[]> out = told.get("told-receipt").mapValues(StreamsPeer::untagged);
        out.to(receipts, Produced.with(Serdes.String(), Serdes.ByteArray()));
        told.get("told-order").repartition(by("by-order"))
                .process(() -> new Members("orders", ordered), Named.as("orders-of"), "orders");
        told.get("told-waybill").repartition(by("by-waybill"))
                .process(() -> new Members("waybills", shipped), Named.as("waybills-of"), "waybills");
        return b;
    }

    static Repartitioned<String, byte[]> by(String name) {
        return Repartitioned.with(Serdes.String(), Serdes.ByteArray()).withName(name)
                .withNumberOfPartitions(PARTITIONS);
    }

    static double cpu() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime() / 1e9;
    }

    static void until(long n) throws InterruptedException {
        while (judged.get() < n || ordered.get() < n || shipped.get() < n)
            Thread.sleep(20);
    }

    public static void main(String[] args) throws InterruptedException {
        long n = Long.parseLong(args[3]);
        Properties p = new Properties();
        p.put(StreamsConfig.APPLICATION_ID_CONFIG, args[2] + ".streams");
        p.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[0]);
        p.put(StreamsConfig.STATE_DIR_CONFIG, args[4]);
        p.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        p.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 2);
        p.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 200);
        p.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
        p.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "lz4");
        p.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        KafkaStreams s = new KafkaStreams(topology(args[1], args[2]).build(), p);
        s.setUncaughtExceptionHandler(e -> {
            e.printStackTrace();
            Runtime.getRuntime().halt(70);
            return null;
        });
        s.start();
        while (first == 0)
            Thread.sleep(5);
        double begun = cpu();
        until(n / 2);
        double halfCpu = cpu();
        long half = System.nanoTime();
        until(n);
        double endCpu = cpu();
        long end = System.nanoTime();
        s.close(Duration.ofSeconds(60));
        System.out.printf("streams %d manifests %.3f seconds %.3f cpu; second half %.3f seconds %.3f cpu%n", n,
                (end - first) / 1e9, endCpu - begun, (end - half) / 1e9, endCpu - halfCpu);
    }
}
