import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Scope;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Uses every signal once, under the Java agent: a counter, a span that fails, and a logged exception. Writes nothing
 * itself: what there is to read comes from the agent.
 */
public class QuietService {
    public static void main(String[] args) {
        GlobalOpenTelemetry.getMeter("quiet").counterBuilder("imports").build().add(1);
        Logger.getLogger("").removeHandler(Logger.getLogger("").getHandlers()[0]);
        Span span = GlobalOpenTelemetry.getTracer("quiet").spanBuilder("import ledger").startSpan();
        span.setAttribute("run.id", System.getenv("RUN_ID"));
        span.setStatus(StatusCode.ERROR);
        try (Scope scope = span.makeCurrent()) {
            Integer.parseInt("zwölf");
        } catch (NumberFormatException problem) {
            try (Scope scope = span.makeCurrent()) {
                Logger.getLogger("ledger").log(Level.SEVERE, "import failed", problem);
            }
        }
        span.end();
    }
}
